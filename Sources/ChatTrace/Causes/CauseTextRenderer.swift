import ChatWire

/// Writes explanations for people: a line that says what a frame is, and beneath it why it is.
public struct CauseTextRenderer: Sendable {
  /// How many steps of a chain are written.
  public static let stepCountMax = 40
  /// How many roots are written.
  private static let rootCountMax = 4
  private static let indentation = 4
  /// Deeper steps of a tree are indented no further.
  private static let depthMax = 8

  private let options: TextRenderer.Options
  private let table: TextRenderer
  private var words: [UInt8] = []

  /// Makes a renderer; of the options, `width`, `color` and `unicode` count.
  public init(_ options: TextRenderer.Options = TextRenderer.Options()) {
    self.options = options
    table = TextRenderer(options)
  }

  // MARK: why

  /// Appends why something is.
  public mutating func render(_ answer: CauseAnswer, into output: inout [UInt8]) {
    let shown = answer.steps.prefix(Self.stepCountMax)
    var isChannelSaid = false
    for step in shown {
      let event = step.event
      // Every refusal is due to it: once is enough.
      let links = step.links.filter { !isChannelSaid || $0.relation != .channel }
      isChannelSaid = isChannelSaid || links.contains { $0.relation == .channel }
      let lead =
        switch step.relation {
        case nil: ""
        case .lastSign?: "after "
        case let relation?: relation.strength == .shown ? "seen from " : "because of "
        }
      head(event, lead: lead, answer.origin, answer.streamCount, at: 0, into: &output)
      sentences(of: event, links, step.decisions, at: Self.indentation, into: &output)
    }
    let more = answer.steps.count - shown.count
    if more > 0 {
      line(
        "and so on: \(answer.isCut ? "more than " : "")\(more) earlier "
          + (more == 1 ? "step is" : "steps are") + " left out (-T ndjson has them)",
        at: 0, into: &output)
    }
    output.append("\n")
    roots(answer.roots, "In short: ", into: &output)
    roots(answer.troubles, "On the way: ", into: &output)
  }

  private mutating func roots(
    _ roots: [CauseRoot], _ label: String, into output: inout [UInt8]
  ) {
    for (index, root) in roots.prefix(Self.rootCountMax).enumerated() {
      let isLast = index == min(roots.count, Self.rootCountMax) - 1
      let more = roots.count - Self.rootCountMax
      let ending = isLast && more > 0 ? "; and \(more) more troubles like that" : ""
      let start = index == 0 ? label : String(repeating: " ", count: label.utf8.count)
      line(
        start + root.text + ending + (isLast ? "." : ";"), at: 0,
        continuation: label.utf8.count, into: &output)
    }
  }

  // MARK: effects

  /// Appends what followed from a frame.
  public mutating func render(
    _ tree: EffectTree, _ witness: CauseWitness, into output: inout [UInt8]
  ) {
    for step in tree.steps {
      guard let event = witness.events[step.frame] else { continue }
      let depth = min(step.depth, Self.depthMax) * Self.indentation
      head(event, lead: "", witness.origin, witness.streamCount, at: depth, into: &output)
      var links: [CauseLink] = []
      if let relation = step.relation {
        links = [CauseLink(UInt32(truncatingIfNeeded: step.parent), relation)]
      }
      sentences(
        of: event, links, witness.decisions[step.frame] ?? [], at: depth + Self.indentation,
        into: &output)
    }
    output.append("\n")
    let count = tree.steps.count - 1
    let followed =
      switch count {
      case 0: "Nothing in the trace followed from it."
      case 1: "1 frame followed from it"
      default: "\(count) frames followed from it"
      }
    if tree.leftOut > 0 {
      line(
        "\(tree.leftOut + count) frames followed from it; the first \(count) are shown.", at: 0,
        into: &output)
    } else {
      line(count == 0 ? followed : followed + ".", at: 0, into: &output)
    }
  }

  // MARK: a frame

  /// Appends what a frame is, or how a session ended.
  private mutating func head(
    _ event: TraceEvent, lead: String, _ origin: TraceTime?, _ streamCount: Int, at start: Int,
    into output: inout [UInt8]
  ) {
    words.removeAll(keepingCapacity: true)
    words.append(contentsOf: lead.utf8)
    if event.kind == .session {
      words.append("end of the session of stream ")
      words.append(decimal: UInt64(clamping: event.stream))
      append(event.time, since: origin)
    } else {
      words.append("frame ")
      words.append(decimal: event.frame)
      append(event.time, since: origin)
      words.append(": ")
      words.append(contentsOf: event.typeName.utf8)
      if event.hasSequence {
        words.append(" ")
        words.append(decimal: UInt64(event.sequence))
      }
      words.append(event.direction == .clientToServer ? " from the client" : " from the server")
      if streamCount > 1 {
        words.append(", stream ")
        words.append(decimal: UInt64(clamping: event.stream))
      }
      if let fragment = event.fragment, event.fragments != 1 {
        words.append(", fragment ")
        words.append(decimal: fragment)
        if let fragments = event.fragments {
          words.append(" of ")
          words.append(decimal: fragments)
        }
      }
      if let attempt = event.attempt, attempt > 1 {
        words.append(", copy ")
        words.append(decimal: attempt)
      }
    }
    place(at: start, continuation: start + Self.indentation, color: nil, into: &output)
  }

  /// Appends seconds with six digits, as in the table; nothing if the capture has no timestamps.
  private mutating func append(_ time: TraceTime?, since origin: TraceTime?) {
    guard let time else { return }
    let start = (origin ?? time).nanoseconds
    let elapsed = time.nanoseconds.subtractingReportingOverflow(start).partialValue
    words.append(", ")
    let (seconds, fraction) = elapsed.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    if elapsed < 0 { words.append("-") }
    words.append(decimal: seconds)
    words.append(".")
    let digits = String(fraction / 1_000)
    words.append(contentsOf: String(repeating: "0", count: 6 - digits.utf8.count).utf8)
    words.append(contentsOf: digits.utf8)
    words.append(" s")
  }

  /// Appends what there is to say about a frame: its text, its notes, and how it follows from
  /// others.
  private mutating func sentences(
    of event: TraceEvent, _ links: [CauseLink], _ decisions: [Note], at start: Int,
    into output: inout [UInt8]
  ) {
    if let text = event.text {
      words.removeAll(keepingCapacity: true)
      var widthMax = options.width.map { max($0 - start, 20) }
      if event.direction == .serverToClient, let speaker = event.nickname {
        let width = table.escaping.append(speaker, to: &words)
        words.append(": ")
        widthMax = widthMax.map { max($0 - width - 2, 8) }
      }
      table.escaping.appendQuoted(text, widthMax: widthMax, to: &words)
      place(at: start, continuation: start, color: nil, into: &output)
    }
    // The worst first, as in the table.
    let notes = event.notes.enumerated().sorted {
      ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
    }
    for note in notes.map(\.element) + decisions where note.id != .broadcast {
      words.removeAll(keepingCapacity: true)
      table.appendSentence(of: note, to: &words)
      place(
        at: start, continuation: start + 2, color: TextStyle.of(note.severity), into: &output)
    }
    // The last frames before an end follow with a line of their own.
    for link in links where event.kind == .frame || link.relation != .lastSign {
      guard let sentence = link.relation.sentence(link.frame) else { continue }
      line(sentence, at: start, continuation: start + 2, into: &output)
    }
  }

  private mutating func line(
    _ text: String, at start: Int, continuation: Int? = nil, into output: inout [UInt8]
  ) {
    words.removeAll(keepingCapacity: true)
    table.escaping.append(text, to: &words)
    place(at: start, continuation: continuation ?? start, color: nil, into: &output)
  }

  private func place(
    at start: Int, continuation: Int, color: StaticString?, into output: inout [UInt8]
  ) {
    var layout = WordLayout(
      column: 0, start: start, width: options.width, isBeside: true, continuation: continuation)
    layout.place(words.span, color: options.color ? color : nil, into: &output)
    output.append("\n")
  }
}

extension TraceEvent {
  /// The name of the frame's type.
  var typeName: String {
    switch dialect {
    case .native: FrameType(rawValue: typeCode).name
    case .classic: ClassicType(rawValue: typeCode).name
    }
  }

  /// The sequence field means something.
  fileprivate var hasSequence: Bool {
    switch dialect {
    case .native:
      let type = FrameType(rawValue: typeCode)
      return type.isSequenced || type == .ack || type == .nack
    case .classic:
      switch ClassicType(rawValue: typeCode) {
      case .data: return direction == .clientToServer
      case .nack: return true
      case .ack: return has(.classicAcknowledges)
      default: return false
      }
    }
  }
}
