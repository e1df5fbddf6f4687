public import ChatWire

/// Writes what a proxy sees as pcapng (docs/RECORDING.md).
public struct RecordingWriter: Sendable {
  /// The four ends of a proxied connection.
  public struct Ends: Sendable, Hashable {
    /// The client, and where it has connected to.
    public var client, proxyForClient: Endpoint
    /// Where the proxy has connected from, and the server.
    public var proxyForServer, server: Endpoint

    /// Names the four ends.
    public init(
      client: Endpoint, proxyForClient: Endpoint, proxyForServer: Endpoint, server: Endpoint
    ) {
      self.client = client
      self.proxyForClient = proxyForClient
      self.proxyForServer = proxyForServer
      self.server = server
    }
  }

  /// What has been made and was not taken.
  public private(set) var output: [UInt8] = []

  /// Makes a writer that has written nothing.
  ///
  /// - Parameters:
  ///   - program: What wrote it, such as `chat-inspect 1.0`.
  ///   - comment: Said of the whole file: seed and rules.
  public init(program: String, comment: String) {}

  /// Hands over what has been made, whole blocks only.
  public mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  /// Begins a file, the first or the next: the section header and both interfaces.
  ///
  /// Connections that are open go on in it.
  public mutating func beginFile() {}

  /// A connection is open on both sides; the texts are those that the trace shows.
  public mutating func open(
    _ connection: Int, _ ends: Ends, client: String, server: String, at time: TraceTime
  ) {}

  /// Bytes have arrived from the sender of a direction: a whole frame, or other bytes; the packet
  /// of the leg before the proxy.
  ///
  /// - Parameters:
  ///   - number: The number by which `sent` refers to it; of a connection, ascending.
  ///   - notes: What the trace says about it; nil if that is not known yet and comes by `explain`.
  public mutating func arrived(
    _ bytes: RawSpan, connection: Int, direction: Direction, number: UInt64, at time: TraceTime,
    fate: TappedFate, notes: [String]?
  ) {}

  /// What the trace says about the oldest bytes of a direction that were not explained.
  public mutating func explain(connection: Int, direction: Direction, notes: [String]) {}

  /// Bytes have gone out to the receiver of a direction: the packet of the leg behind the proxy.
  ///
  /// - Parameter acts: What was done to these bytes; their rules are said in a comment.
  public mutating func sent(
    _ bytes: RawSpan, connection: Int, direction: Direction, number: UInt64, at time: TraceTime,
    acts: [TappedAct]
  ) {}

  /// What became later of a frame that was held for a decision; `frame` is its number in the trace.
  public mutating func decided(
    connection: Int, direction: Direction, number: UInt64, frame: UInt64, act: TappedAct,
    at time: TraceTime
  ) {}

  /// The connection has come to its end, or one direction of it, on the side where that began.
  public mutating func ended(
    _ connection: Int, _ closing: TappedClosing, at time: TraceTime, acts: [TappedAct]
  ) {}

  /// The end of a direction was passed on.
  public mutating func passedEnd(_ connection: Int, _ direction: Direction, at time: TraceTime) {}

  /// Time passes: what has waited too long to be explained is written.
  public mutating func advance(to time: TraceTime) {}

  /// Ends the file: interface statistics.
  ///
  /// - Parameter droppedPackets: Packets that were lost because writing was too slow.
  public mutating func endFile(at time: TraceTime, droppedPackets: UInt64) {}
}
