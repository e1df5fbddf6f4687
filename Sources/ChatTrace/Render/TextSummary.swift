// The end of the table: a byte ledger for each direction of each chat stream, and one sentence.

extension TextRenderer {
  /// Streams that the ledger lists; of more it lists those with something wrong first.
  private static let streamsMax = 12

  /// Appends the ledger and the closing sentence.
  mutating func renderSummary(_ summary: TraceSummary, into output: inout [UInt8]) {
    if !summary.streams.isEmpty {
      renderLedger(of: summary, into: &output)
      output.append("\n")
    }
    words.removeAll(keepingCapacity: true)
    appendClosing(of: summary)
    var layout = WordLayout(
      column: 0, start: 0, width: options.width, isBeside: true, continuation: 0)
    layout.place(words.span, color: nil, into: &output)
    output.append("\n")
  }

  private func renderLedger(of summary: TraceSummary, into output: inout [UInt8]) {
    output.write(atMost: 128) {
      var column = 0
      $0.put("stream", endingAt: LedgerColumns.streamEnd, column: &column)
      $0.pad(to: LedgerColumns.verdict, column: &column)
      $0.put("verdict", column: &column)
      $0.pad(to: LedgerColumns.side, column: &column)
      $0.put("from", column: &column)
      $0.put("bytes", endingAt: LedgerColumns.bytesEnd, column: &column)
      $0.put("in frames", endingAt: LedgerColumns.framesEnd, column: &column)
      $0.put("gap", endingAt: LedgerColumns.gapEnd, column: &column)
      $0.put("junk", endingAt: LedgerColumns.junkEnd, column: &column)
      $0.put("undecided", endingAt: LedgerColumns.undecidedEnd, column: &column)
      $0.put("\n")
    }
    let listed = listedStreams(of: summary)
    for index in listed {
      let stream = summary.streams[index]
      renderRow(stream, stream.clientToServer, isClient: true, into: &output)
      renderRow(stream, stream.serverToClient, isClient: false, into: &output)
    }
    guard listed.count < summary.streams.count else { return }
    output.append(UInt64(summary.streams.count &- listed.count), "more stream")
    output.append(" not listed\n")
  }

  /// The positions of the streams to list: all if they are few, else the incomplete ones, then
  /// others.
  private func listedStreams(of summary: TraceSummary) -> [Int] {
    let all = summary.streams.indices
    guard all.count > Self.streamsMax else { return Array(all) }
    var listed = Array(
      all.lazy.filter { summary.streams[$0].verdict != .complete }.prefix(Self.streamsMax))
    let rest = Self.streamsMax &- listed.count
    listed += all.lazy.filter { summary.streams[$0].verdict == .complete }.prefix(rest)
    return listed.sorted()
  }

  private func renderRow(
    _ stream: TraceSummary.Stream, _ ledger: TraceSummary.Ledger, isClient: Bool,
    into output: inout [UInt8]
  ) {
    output.write(atMost: 256) {
      var column = 0
      if isClient {
        $0.put(
          decimal: UInt64(clamping: stream.stream), endingAt: LedgerColumns.streamEnd,
          column: &column)
        $0.pad(to: LedgerColumns.verdict, column: &column)
        switch stream.verdict {
        case .complete: $0.put("complete", column: &column)
        case .inconclusive: $0.put("inconclusive", column: &column)
        case .damaged: $0.put("damaged", column: &column)
        }
      }
      $0.pad(to: LedgerColumns.side, column: &column)
      $0.put(isClient ? "client" : "server", column: &column)
      $0.put(decimal: ledger.bytes, endingAt: LedgerColumns.bytesEnd, column: &column)
      $0.put(decimal: ledger.frameBytes, endingAt: LedgerColumns.framesEnd, column: &column)
      $0.put(decimal: ledger.gapBytes, endingAt: LedgerColumns.gapEnd, column: &column)
      $0.put(decimal: ledger.junkBytes, endingAt: LedgerColumns.junkEnd, column: &column)
      $0.put(decimal: ledger.undecidedBytes, endingAt: LedgerColumns.undecidedEnd, column: &column)
      $0.put("\n")
    }
  }

  private mutating func appendClosing(of summary: TraceSummary) {
    guard summary.packets > 0 else {
      words.append("The capture holds no packets.")
      return
    }
    words.append(summary.packets, "packet")
    if summary.streams.isEmpty {
      words.append(": no chat was found")
      if summary.otherStreams > 0 {
        words.append(" (")
        words.append(summary.otherStreams, "other TCP connection")
        words.append(")")
      }
    } else {
      words.append(", ")
      words.append(UInt64(summary.streams.count), "chat stream")
      if summary.otherStreams > 0 {
        words.append(", ")
        words.append(summary.otherStreams, "other TCP connection")
      }
      appendBlame(of: summary)
    }
    words.append(".")
  }

  /// Appends where the bytes of all streams went, and whose fault it is if not into frames.
  private mutating func appendBlame(of summary: TraceSummary) {
    var total = TraceSummary.Ledger()
    var inconclusive: UInt64 = 0
    var damaged: UInt64 = 0
    for stream in summary.streams {
      total.add(stream.clientToServer)
      total.add(stream.serverToClient)
      switch stream.verdict {
      case .complete: break
      case .inconclusive: inconclusive &+= 1
      case .damaged: damaged &+= 1
      }
    }
    if total.frameBytes == total.bytes {
      words.append(": all ")
      words.append(total.bytes, "byte")
      words.append(" of chat are in frames")
    } else {
      words.append(": of ")
      words.append(total.bytes, "byte")
      words.append(" of chat, ")
      words.append(decimal: total.frameBytes)
      words.append(" are in frames")
      appendShare(total.gapBytes, " never captured")
      appendShare(total.junkBytes, " outside frames")
      appendShare(total.undecidedBytes, " undecided")
    }
    if damaged > 0 {
      words.append("; ")
      words.append(damaged, "stream")
      words.append(" damaged by the network")
    }
    if inconclusive > 0 {
      words.append("; ")
      words.append(inconclusive, "stream")
      words.append(" not captured whole")
    }
  }

  private mutating func appendShare(_ bytes: UInt64, _ what: StaticString) {
    guard bytes > 0 else { return }
    words.append(", ")
    words.append(decimal: bytes)
    words.append(what)
  }
}

/// Where the columns of the ledger are, in cells from the left.
private enum LedgerColumns {
  static let streamEnd = 6
  static let verdict = 8
  static let side = 21
  static let bytesEnd = 38
  static let framesEnd = 50
  static let gapEnd = 61
  static let junkEnd = 69
  static let undecidedEnd = 79
}

extension TraceSummary.Ledger {
  /// Adds another one; what overflows wraps, since sums of hostile numbers must not trap.
  mutating func add(_ other: TraceSummary.Ledger) {
    bytes &+= other.bytes
    frameBytes &+= other.frameBytes
    gapBytes &+= other.gapBytes
    junkBytes &+= other.junkBytes
    undecidedBytes &+= other.undecidedBytes
  }
}
