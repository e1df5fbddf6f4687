public import ChatTrace
internal import ChatWire

/// A record of the trace in words, for one or more lines of a list.
///
/// The sentences are those of the trace's notes.
public struct MomentText: Sendable {
  /// What stands before the words: number, direction, type, sequence, fragment, signs.
  public var head: String
  /// Everything that there is to say, on one line, escaped.
  public var words: String
  /// How serious it is.
  public var severity: Severity?

  /// How wide heads are without a time.
  static let headColumns = 30
  static let timeColumns = 10

  /// The words for a record.
  ///
  /// - Parameter origin: the moment that times are counted from; nil shows none.
  public init(_ event: TraceEvent, since origin: TraceTime?, _ signs: Signs) {
    severity = event.notes.lazy.map(\.severity).max()
    let time = origin.map { Self.time(event.time, since: $0) } ?? ""
    switch event.kind {
    case .frame:
      head = Self.right("\(event.frame)", 5) + time + Self.frameHead(event, signs)
      var sentences: [String] = []
      if let text = event.text { sentences.append("\"" + EscapedText.line(text) + "\"") }
      sentences += event.notes.map { EscapedText.line($0.text) }
      words = sentences.joined(separator: "; ")
    case .tcp, .gap, .junk, .fault, .session, .summary:
      head = "     " + time
      words = Self.sentence(event, signs)
    }
  }

  private static func frameHead(_ event: TraceEvent, _ signs: Signs) -> String {
    let arrow =
      switch event.direction {
      case .clientToServer: signs.isUnicode ? "→" : ">"
      case .serverToClient: signs.isUnicode ? "←" : "<"
      }
    let name = FrameTypeName(event.typeCode, event.dialect).name
    let width = 5 + max(0, 6 - name.count)
    var text = " \(arrow) \(name)" + right("\(event.sequence)", max(6, width))
    if let fragment = event.fragment {
      text += " \(fragment)/" + (event.fragments.map { "\($0)" } ?? "?")
    }
    let mark = Self.signs(event)
    return mark.isEmpty ? text : text + " " + mark
  }

  /// `R` a retransmission, `D` a duplicate, `X` lost or damaged, `~` held here, as in the table of
  /// chat-inspect.
  private static func signs(_ event: TraceEvent) -> String {
    let isCopy = (event.attempt ?? 1) > 1
    var text = ""
    if event.retransmission || (isCopy && event.dialect == .classic) {
      text += "R"
    } else if event.disposition == .duplicated || isCopy {
      text += "D"
    }
    switch event.disposition {
    case .dropped, .corrupted: text += "X"
    case .delayed, .reordered: text += "~"
    case .seen, .forwarded, .duplicated: if event.checksum == .bad { text += "X" }
    }
    return text
  }

  /// The sentence of the table, and the notes.
  private static func sentence(_ event: TraceEvent, _ signs: Signs) -> String {
    var options = TextRenderer.Options()
    options.unicode = signs.isUnicode
    let sentence = TextRenderer(options).sentence(of: event)
    return ([sentence] + event.notes.map { EscapedText.line($0.text) }).joined(separator: "; ")
  }

  private static func time(_ time: TraceTime?, since origin: TraceTime) -> String {
    guard let time else { return right("", timeColumns) }
    let elapsed = max(0, time.nanoseconds.subtractingReportingOverflow(origin.nanoseconds).0)
    return right(DecimalText.seconds(milliseconds: elapsed / 1_000_000), timeColumns)
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
