import ChatWire

/// What differs, in words and for programs: `chat-inspect diff` and `replay`.
public struct ComparisonReport: Sendable {
  let comparison: TraceComparison
  let level: ComparisonLevel
  /// What the two traces are called.
  let names: ComparedPair<String>

  /// A report on a comparison.
  public init(_ comparison: TraceComparison, level: ComparisonLevel, names: ComparedPair<String>) {
    self.comparison = comparison
    self.level = level
    self.names = names
  }

  /// The differences for people, the first divergence first; at most so many.
  public func text(countMax: Int) -> [UInt8] {
    var text = ""
    for (index, difference) in comparison.differences.prefix(countMax).enumerated() {
      if index == 0 { text += "first difference\n" }
      text += Self.words(difference, names)
      if index == 0, comparison.differences.count > 1 { text += "\n" }
    }
    let rest = comparison.differences.count - countMax
    if rest > 0 { text += "and \(rest) more (-T ndjson has them)\n" }
    for doubt in comparison.doubts.prefix(10) { text += "in doubt: \(doubt)\n" }
    var output: [UInt8] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      Escaping().append(String(line), to: &output)
      output.append(0x0A)
    }
    return output
  }

  /// The last line: what it comes to.
  public var conclusion: String {
    let count = comparison.differences.count
    if count > 0 {
      return
        "different: \(count) difference\(count == 1 ? "" : "s") on the level of \(level.rawValue)"
    }
    return comparison.doubts.isEmpty
      ? "the same, on the level of \(level.rawValue)"
      : "inconclusive: no difference was found on the level of \(level.rawValue), but not "
        + "everything could be compared"
  }

  private static func words(
    _ difference: TraceDifference, _ names: ComparedPair<String>
  ) -> String {
    var head: [String] = []
    switch (difference.streams.first, difference.streams.second) {
    case (let first?, let second?) where first == second: head.append("stream \(first)")
    case (let first?, let second?): head.append("stream \(first), there \(second)")
    case (let first?, nil): head.append("stream \(first)")
    case (nil, let second?): head.append("stream \(second) of \(names.second)")
    case (nil, nil): break
    }
    if let direction = difference.direction {
      head.append(direction == .clientToServer ? "from the client" : "from the server")
    }
    if let message = difference.message {
      var words = "message \(message)"
      if let fragment = difference.fragment { words += " fragment \(fragment)" }
      head.append(words)
    }
    if !difference.type.isEmpty { head.append(difference.type) }
    var text = "  " + head.joined(separator: ", ")
    text +=
      difference.field == "message" || difference.field == "frame"
      ? "\n" : ": \(difference.field)\n"
    text += line("-", names.first, difference.values.first, difference.frames.first)
    text += line("+", names.second, difference.values.second, difference.frames.second)
    return text
  }

  private static func line(
    _ sign: String, _ name: String, _ value: String?, _ frame: UInt64
  ) -> String {
    let place = frame > 0 ? ", frame \(frame)" : ""
    return "    \(sign) \(name)\(place): \(value.map(shortened) ?? "nothing")\n"
  }

  private static func shortened(_ text: String) -> String {
    let flat = text.map { $0.isNewline ? " " : String($0) }.joined()
    return flat.count > 200 ? flat.prefix(200) + "..." : flat
  }

  // MARK: for programs

  /// All differences, an object a line.
  public func ndjson() -> [UInt8] {
    var output: [UInt8] = []
    for difference in comparison.differences { Self.append(difference, to: &output) }
    return output
  }

  /// The object that closes the output.
  public func summary(verdict: String) -> [UInt8] {
    var output: [UInt8] = []
    output.append("{\"schema_version\":1,\"kind\":\"summary\",\"verdict\":", json: verdict)
    output.append(",\"level\":", json: level.rawValue)
    output.append(",\"differences\":")
    output.append(decimal: UInt64(comparison.differences.count))
    output.append(",\"doubts\":[")
    for (index, doubt) in comparison.doubts.enumerated() {
      if index > 0 { output.append(",") }
      output.append(json: doubt)
    }
    output.append("]}\n")
    return output
  }

  private static func append(_ difference: TraceDifference, to output: inout [UInt8]) {
    output.append(
      "{\"schema_version\":1,\"kind\":\"difference\",\"level\":", json: difference.level.rawValue)
    append(difference.streams.first, "stream_a", to: &output)
    append(difference.streams.second, "stream_b", to: &output)
    if let direction = difference.direction {
      output.append(",\"direction\":", json: direction == .clientToServer ? "c2s" : "s2c")
    }
    append(difference.message, "message", to: &output)
    append(difference.fragment, "fragment", to: &output)
    if !difference.type.isEmpty { output.append(",\"type\":", json: difference.type) }
    output.append(",\"field\":", json: difference.field)
    if let expected = difference.values.first { output.append(",\"expected\":", json: expected) }
    if let actual = difference.values.second { output.append(",\"actual\":", json: actual) }
    if difference.frames.first > 0 {
      output.append(",\"frame_a\":")
      output.append(decimal: difference.frames.first)
    }
    if difference.frames.second > 0 {
      output.append(",\"frame_b\":")
      output.append(decimal: difference.frames.second)
    }
    output.append("}\n")
  }

  private static func append(_ number: Int?, _ name: String, to output: inout [UInt8]) {
    guard let number else { return }
    output.append(",")
    output.append(json: name)
    output.append(":")
    output.append(decimal: UInt64(clamping: number))
  }
}
