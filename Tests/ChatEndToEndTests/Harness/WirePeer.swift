import ChatPosix
import ChatWire
import TestSupport

/// A native client that is driven frame by frame, to do what no proper client does.
final class WirePeer {
  /// A frame that has come.
  struct Received: Equatable {
    var type: FrameType
    var sequence: SequenceNumber
    var payload: [UInt8]

    /// The code and the text of a NOTICE or an ERROR.
    var coded: CodedText? { try? CodedText(decoding: payload.span.bytes) }
  }

  private let socket: StreamSocket
  private var decoder = FrameDecoder(.native)
  private let checksum = CRC32()
  private var arrived: [Received] = []
  private(set) var hasEnded = false
  /// The next sequence number of its own.
  private(set) var next = SequenceNumber(1_000)
  /// What a SYN_ACK has said.
  private(set) var parameters = HandshakeOptions()

  /// Connects.
  ///
  /// - Parameter receiveBufferSize: what the kernel may hold of what is not read.
  init(port: UInt16, receiveBufferSize: Int32? = nil) throws {
    socket = try StreamSocket.connect(
      host: "127.0.0.1", port: port, timeoutNanoseconds: Int64(patience * 1e9))
    if let receiveBufferSize { socket.setBufferSizes(send: nil, receive: receiveBufferSize) }
  }

  // MARK: sending

  /// Writes bytes as they are; says whether the connection took all.
  @discardableResult
  func send(_ bytes: [UInt8]) throws -> Bool {
    var done = 0
    while done < bytes.count {
      switch socket.write(bytes, from: done) {
      case .bytes(let count): done += count
      case .wouldBlock: try wait(for: .writable)
      case .endOfStream, .failed: return false
      }
    }
    return true
  }

  /// The bytes of a frame.
  func bytes(
    _ type: FrameType, sequence: SequenceNumber = SequenceNumber(0), _ payload: [UInt8] = [],
    isLast: Bool = false
  ) throws -> [UInt8] {
    guard let frame = Frame(type, sequence: sequence, payload: payload, isLast: isLast) else {
      throw TestFailure("no legal frame")
    }
    var bytes: [UInt8] = []
    frame.encode(into: &bytes, checksum: checksum)
    return bytes
  }

  /// Sends a control frame.
  func send(
    _ type: FrameType, sequence: SequenceNumber = SequenceNumber(0), _ payload: [UInt8] = []
  ) throws {
    try send(bytes(type, sequence: sequence, payload))
  }

  /// Sends the next sequenced frame.
  func sendNext(_ type: FrameType, _ payload: [UInt8] = [], isLast: Bool = true) throws {
    try send(bytes(type, sequence: next, payload, isLast: isLast))
    next = next.next
  }

  /// The SYN of a client that asks for these things.
  func syn(nickname: String?, window: UInt16 = 64, fragment: UInt16 = 1_024) throws -> [UInt8] {
    var options = HandshakeOptions()
    options.version = 1
    options.mode = ARQMode.goBackN.rawValue
    options.window = window
    options.fragment = fragment
    options.nickname = nickname.map { Array($0.utf8) }
    var payload: [UInt8] = []
    try options.encode(for: .syn, into: &payload)
    return try bytes(.syn, sequence: next, payload)
  }

  /// Opens a session.
  func shakeHands(
    nickname: String?, window: UInt16 = 64, fragment: UInt16 = 1_024
  ) throws {
    try send(syn(nickname: nickname, window: window, fragment: fragment))
    next = next.next
    let answer = try wait(for: .synAck)
    parameters = try HandshakeOptions.decode(answer.payload.span.bytes, for: .synAck)
    try sendHandshakeAck(session: parameters.session ?? [], sequence: answer.sequence)
    // Once this is answered the server knows that it is here.
    try send(.ping, [UInt8](repeating: 0, count: 8))
    _ = try wait(for: .pong)
  }

  /// Completes a handshake, rightly or wrongly.
  func sendHandshakeAck(session: [UInt8], sequence: SequenceNumber) throws {
    var options = HandshakeOptions()
    options.session = session
    var payload: [UInt8] = []
    try options.encode(for: .handshakeAck, into: &payload)
    try send(.handshakeAck, sequence: sequence, payload)
  }

  /// Stops sending.
  func shutDownWriting() { socket.shutDownWriting() }

  /// Breaks the connection.
  func shutDown() { socket.shutDown() }

  // MARK: receiving

  /// Waits for a frame of a type, and drops those before it.
  func wait(
    for type: FrameType, where isIt: (Received) -> Bool = { _ in true }
  ) throws -> Received {
    while true {
      while !arrived.isEmpty {
        let frame = arrived.removeFirst()
        if frame.type == type, isIt(frame) { return frame }
      }
      guard !hasEnded else { throw TestFailure("the connection ended before \(type.name)") }
      try read()
    }
  }

  /// Waits for the server to end the connection, and returns all frames before that.
  func waitForEnd() throws -> [Received] {
    while !hasEnded { try read() }
    defer { arrived = [] }
    return arrived
  }

  /// True if the connection has ended; does not wait.
  func isEndedByNow() throws -> Bool {
    var entries = [Poll.Entry(socket.rawValue, .readable)]
    Poll.wait(for: &entries, nanoseconds: 0)
    if !entries[0].result.isEmpty { try read() }
    return hasEnded
  }

  /// Reads what comes next.
  private func read() throws {
    try wait(for: .readable)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    switch socket.read(into: &buffer) {
    case .wouldBlock: return
    case .endOfStream, .failed: hasEnded = true
    case .bytes(let count): decode(Array(buffer[..<count]))
    }
  }

  private func decode(_ chunk: [UInt8]) {
    decoder.append(chunk.span.bytes)
    var position = 0
    let nothing: [UInt8] = []
    while let unit = decoder.next(in: nothing.span.bytes, position: &position, checksum: checksum) {
      guard unit.kind == .frame else { continue }
      let payload = decoder.buffer[unit.payloadOffset..<unit.payloadOffset + unit.payloadCount]
      arrived.append(
        Received(
          type: FrameType(rawValue: unit.header.typeCode),
          sequence: SequenceNumber(unit.header.sequence), payload: Array(payload)))
    }
  }

  private func wait(for interest: WakeablePoll.Interest) throws {
    var entries = [Poll.Entry(socket.rawValue, interest)]
    let deadline = Clock.monotonicNanoseconds() + Int64(patience * 1e9)
    while entries[0].result.isEmpty {
      let rest = deadline - Clock.monotonicNanoseconds()
      guard rest > 0 else { throw TestFailure("the server neither sends nor reads") }
      Poll.wait(for: &entries, nanoseconds: rest)
    }
  }
}
