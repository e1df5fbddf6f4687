public import ChatPosix
public import ChatWire

/// A kind of program that listens at a control socket, and how one that runs is found and asked.
public struct ControlledProgram: Sendable {
  private static let suffix = ".sock"

  /// What people call it: `server`.
  private let noun: String
  /// Several of them: `servers`.
  private let plural: String
  /// The command that starts one.
  private let command: String
  /// What the names of its sockets begin with; a port follows.
  private let prefix: String
  /// What it answers: `status of a chat-server`.
  private let answer: String
  /// More is not read.
  private let answerByteCountMax: Int

  /// Names a kind of program.
  ///
  /// - Parameters:
  ///   - noun: what people call it.
  ///   - plural: what they call several.
  ///   - command: starts one.
  ///   - prefix: what the names of its sockets begin with, before the port.
  ///   - answer: what it answers.
  ///   - answerByteCountMax: the most bytes that an answer may have.
  public init(
    noun: String, plural: String, command: String, prefix: String, answer: String,
    answerByteCountMax: Int
  ) {
    self.noun = noun
    self.plural = plural
    self.command = command
    self.prefix = prefix
    self.answer = answer
    self.answerByteCountMax = answerByteCountMax
  }

  // MARK: finding it

  /// The usual control socket of the one that listens on a port.
  public func usualPath(port: UInt16) throws(SocketError) -> String {
    "\(try LocalSocket.directory())/\(prefix)\(port)\(Self.suffix)"
  }

  /// The path of the socket to ask at: that of a port, or of the usual one, or of the only one that
  /// answers.
  public func findSocket(port: UInt16?, usualPort: UInt16?) throws(Failure) -> String {
    var path: String?
    do {
      path = try (port ?? usualPort).map { port throws(SocketError) in
        try usualPath(port: port)
      }
    } catch {
      throw Failure(
        "the directory of the control sockets cannot be used: \(error.message); "
          + "it is chatwire in $XDG_RUNTIME_DIR, else chatwire-UID in $TMPDIR or /tmp, and must be "
          + "yours alone")
    }
    if let path, port != nil || LocalSocket.answers(at: path) { return path }
    let others = LocalSocket.paths(prefix: prefix, suffix: Self.suffix)
      .filter { LocalSocket.answers(at: $0) }
    switch others.count {
    case 0:
      // Asking will say that nobody answers.
      if let path { return path }
      throw Failure("no \(noun) answers: \(advice)", status: .peerFailed)
    case 1: return others[0]
    default:
      let ports = others.map { path in
        let name = path.split(separator: "/").last ?? ""
        return String(name.dropFirst(prefix.count).dropLast(Self.suffix.count))
      }
      let list = ports.sorted { ($0.count, $0) < ($1.count, $1) }.joined(separator: ", ")
      throw Failure(
        "several \(plural) run, on the ports \(list): name one with --port")
    }
  }

  private var advice: String {
    "start one with \(command), or name the port of yours with --port or its socket with --control"
  }

  // MARK: asking it

  /// Says a line to the program whose control socket is at a path, and returns what it answers.
  public func ask(
    _ line: [UInt8], at path: String, nanoseconds: Int64 = 10_000_000_000
  ) throws(Failure) -> JSONValue {
    let deadline = Clock.monotonicNanoseconds() + nanoseconds
    let program = try connect(path, until: deadline)
    write(line + [UInt8(ascii: "\n")], to: program, until: deadline)
    let bytes = try readAll(program, at: path, until: deadline)
    do {
      return try JSONValue(decoding: bytes.span.bytes, byteCountMax: answerByteCountMax)
    } catch {
      throw unusable(path, error.sentence)
    }
  }

  /// What was answered makes no sense.
  public func unusable(_ path: String, _ reason: String) -> Failure {
    Failure(
      "what answers at \(TerminalText.safe(path)) is no \(answer): \(reason)",
      status: .peerFailed)
  }

  private func connect(_ path: String, until deadline: Int64) throws(Failure) -> StreamSocket {
    while true {
      do throws(SocketError) {
        return try LocalSocket.connect(to: path)
      } catch {
        guard error == .wouldBlock, Clock.monotonicNanoseconds() < deadline else {
          throw Failure(
            "no \(noun) answers at \(TerminalText.safe(path)) (\(error.message)): \(advice)",
            status: .peerFailed)
        }
        // Others are waiting to be answered; there is nothing that could be polled.
        var nothing: [Poll.Entry] = []
        Poll.wait(for: &nothing, nanoseconds: 50_000_000)
      }
    }
  }

  /// Writes as much as is taken: if that is not all, the answer will be missing.
  private func write(
    _ bytes: [UInt8], to program: borrowing StreamSocket, until deadline: Int64
  ) {
    var done = 0
    while done < bytes.count {
      switch program.write(bytes, from: done) {
      case .bytes(let count): done += count
      case .endOfStream, .failed: return
      case .wouldBlock:
        let rest = deadline - Clock.monotonicNanoseconds()
        guard rest > 0 else { return }
        var entries = [Poll.Entry(program.rawValue, .writable)]
        Poll.wait(for: &entries, nanoseconds: rest)
      }
    }
  }

  private func readAll(
    _ program: borrowing StreamSocket, at path: String, until deadline: Int64
  ) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= answerByteCountMax {
      switch program.read(into: &block) {
      case .bytes(let count): bytes += block[..<count]
      case .endOfStream where !bytes.isEmpty: return bytes
      case .endOfStream, .failed:
        throw Failure(
          "the \(noun) at \(TerminalText.safe(path)) closed the connection without an answer",
          status: .peerFailed)
      case .wouldBlock:
        let rest = deadline - Clock.monotonicNanoseconds()
        guard rest > 0 else {
          throw Failure(
            "the \(noun) at \(TerminalText.safe(path)) does not answer in time",
            status: .peerFailed)
        }
        var entries = [Poll.Entry(program.rawValue, .readable)]
        Poll.wait(for: &entries, nanoseconds: rest)
      }
    }
    throw unusable(path, "it has more than \(ByteCount.exact(answerByteCountMax))")
  }
}
