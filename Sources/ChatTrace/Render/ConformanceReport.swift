public import ChatWire

/// What an examination has found, in words and for programs: `chat-inspect verify`.
public struct ConformanceReport: Sendable {
  /// How the text looks.
  public struct Options: Sendable {
    /// Columns of a line; nil does not break lines.
    public var width: Int? = 80
    /// Whether escape sequences for colour are used.
    public var color = false
    /// Whether characters outside ASCII can be shown.
    public var unicode = true

    /// For a file.
    public init() {}
  }

  /// Connections of which the text tells; the rest is counted.
  static let shownStreamsMax = 50
  /// Findings of a peer that the text tells, and of the network's and the capture's.
  static let shownFindingsMax = 25

  let streams: [ConformanceStream]

  /// A report on some connections.
  public init(_ streams: [ConformanceStream]) {
    self.streams = streams
  }

  /// The worst verdict; a report on nothing can tell nothing.
  public var verdict: ConformanceVerdict {
    if streams.contains(where: { $0.verdict == .violated }) { return .violated }
    if streams.isEmpty || streams.contains(where: { $0.verdict == .inconclusive }) {
      return .inconclusive
    }
    return .conformant
  }

  /// The last line of the text: the verdict, and whom it is about.
  public var conclusion: String {
    switch verdict {
    case .conformant:
      return streams.count == 1
        ? "conformant: both peers keep to the protocol"
        : "conformant: the peers of all \(streams.count) connections keep to the protocol"
    case .violated:
      let culprits = streams.flatMap { stream in
        Self.sides.filter { stream.verdict(of: $0) == .violated }.map { (stream.stream, $0) }
      }
      let named = culprits.prefix(3).map { number, side in
        "the \(side.conformanceName)" + (streams.count == 1 ? "" : " of stream \(number)")
      }
      let rest = culprits.count - named.count
      let names = named + (rest > 0 ? ["\(rest) more"] : [])
      let verb = culprits.count == 1 ? "breaks" : "break"
      return "violated: \(Self.list(names)) \(verb) the protocol"
    case .inconclusive:
      if streams.isEmpty { return "inconclusive: there is no chat" }
      let count = streams.count { $0.verdict == .inconclusive }
      return "inconclusive: no breach was found, but "
        + (streams.count == 1
          ? "not everything can be told"
          : "of \(count) of \(streams.count) connections not everything can be told")
    }
  }

  static let sides: [Session.Role] = [.client, .server]

  /// `a`, `a and b`, `a, b and c`.
  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension ConformanceStream {
  /// What it comes to for one of the peers.
  public func verdict(of side: Session.Role) -> ConformanceVerdict {
    switch side {
    case .client: clientVerdict
    case .server: serverVerdict
    }
  }

  /// Whether the capture shows that frames are disturbed between it and one of the peers.
  public func isDisturbed(at side: Session.Role) -> Bool {
    switch side {
    case .client: isDisturbedAtClient
    case .server: isDisturbedAtServer
    }
  }
}
