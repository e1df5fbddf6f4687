extension Note {
  /// Appends the sentence of the notes that nearly every frame has, without a string in between.
  ///
  /// They are plain ASCII and hold nothing from the wire, so they need no escaping. False if it is
  /// not one of them: then nothing was appended, and `text` has the sentence.
  func appendPlain(to output: inout [UInt8]) -> Bool {
    if isWritten { return false }
    switch id {
    case .acknowledges:
      output.append("acknowledges ")
      appendFrames(to: &output)
    case .acknowledgesSelectively:
      output.append("acknowledges only ")
      appendFrames(to: &output)
      output.append(": one before is missing")
    case .windowFull:
      output.append("window full, ")
      output.append(decimal: first.magnitude)
      output.append(" in flight: the sender has to wait")
    case .messageComplete:
      output.append("completes message ")
      output.append(decimal: first.magnitude)
      output.append(" (")
      append(second, "fragment", to: &output)
      output.append(")")
    case .classicAcknowledges:
      output.append("acknowledges ")
      guard causes.count > 0 else {
        output.append("a fragment")
        return true
      }
      output.append("frame ")
      output.append(decimal: causes[0])
    default: return false
    }
    return true
  }

  /// "frame 3", "frames 3 and 4", "frames 3, 4, 5 and 2 more".
  private func appendFrames(to output: inout [UInt8]) {
    guard causes.count > 0 else {
      append(first, "frame", to: &output)
      return
    }
    let more = first &- Int64(causes.count)
    output.append(causes.count == 1 && more <= 0 ? "frame " : "frames ")
    let sorted = causes.sorted()
    for index in 0..<sorted.count {
      if index > 0 { output.append(index == sorted.count - 1 && more <= 0 ? " and " : ", ") }
      output.append(decimal: sorted[index])
    }
    guard more > 0 else { return }
    output.append(" and ")
    output.append(decimal: more.magnitude)
    output.append(" more")
  }

  private func append(_ count: Int64, _ noun: StaticString, to output: inout [UInt8]) {
    output.append(decimal: count.magnitude)
    output.append(" ")
    output.append(noun)
    if count != 1 { output.append("s") }
  }
}
