import ChatPosix
import ChatProgram
import ChatWire

/// A client in this process: a real session on a real socket, driven by whoever calls `step`.
struct LoadedClient: ~Copyable {
  let nickname: String
  let socket: StreamSocket
  private var session: Session
  private var output: [UInt8] = []
  private var written = 0
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private(set) var isEstablished = false
  private(set) var outcome: SessionOutcome?
  /// What others have said: `nickname: text`.
  private(set) var heard: [String] = []
  private(set) var notices: [Notice] = []

  init(nickname: String, mode: ARQMode, window: Int, fragment: Int, port: UInt16) throws {
    self.nickname = nickname
    socket = try StreamSocket.connect(
      host: "127.0.0.1", port: port, timeoutNanoseconds: 30_000_000_000)
    var configuration = ClientConfiguration()
    configuration.nickname = nickname
    configuration.mode = mode
    configuration.windowSize = window
    configuration.fragmentSizeMax = fragment
    session = Session(
      client: configuration, initialSequence: SequenceNumber(65_000), checksum: .forProgram,
      at: Instant(nanoseconds: Clock.monotonicNanoseconds()))
  }

  /// The server knows that the handshake is complete: from now on everything said is heard.
  var isWelcome: Bool {
    notices.contains { if case .welcome = $0 { true } else { false } }
  }

  mutating func say(_ text: String) throws { try session.send(.data, Array(text.utf8)) }
  mutating func finish() { session.finish(reason: "enough") }
  var isAllAcknowledged: Bool { session.isAllAcknowledged }

  /// Reads and writes what can be read and written now.
  mutating func step() {
    guard outcome == nil else { return }
    reading: while true {
      switch socket.read(into: &buffer) {
      case .bytes(let count):
        let received = Array(buffer[..<count])
        session.receive(received.span.bytes)
      case .wouldBlock: break reading
      case .endOfStream, .failed:
        session.endOfStream()
        break reading
      }
    }
    let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
    drain: while true {
      switch session.nextOutput(at: now, into: &output) {
      case .transmit, .request, .oversized, .peerFinished: break
      case .established: isEstablished = true
      case .deliver(.data, let message):
        guard let broadcast = try? Broadcast(decoding: message.span.bytes) else { break }
        heard.append("\(broadcast.nickname): \(broadcast.text)")
      case .deliver(.notice, let message):
        guard let payload = try? CodedText(decoding: message.span.bytes) else { break }
        notices.append(Notice(payload))
      case .deliver: break
      case .wait: break drain
      case .ended(let end):
        outcome = end
        break drain
      }
    }
    writing: while written < output.count {
      guard case .bytes(let count) = socket.write(output, from: written) else { break writing }
      written += count
    }
    if written == output.count {
      output.removeAll()
      written = 0
      if outcome != nil { socket.shutDownWriting() }
    }
  }
}
