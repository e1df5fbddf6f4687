/// One chat session from TCP's SYN to its last ACK, one packet a turn.
///
/// The client sends messages of one to eight fragments with the window full more often than not;
/// the server acknowledges every frame; then both say goodbye.
struct Session {
  private enum Phase {
    case tcpSYN, tcpSYNACK, tcpACK
    case syn, synACK, handshakeACK
    case talk
    case clientFIN, clientFINAnswer, serverFIN, serverFINAnswer
    case tcpClientFIN, tcpServerFIN, tcpLastACK
    case over
  }

  /// Text to cut fragments from: letters and blanks, one byte each.
  private static let text: [UInt8] = {
    var choices = Choices(seed: 1)
    return (0..<32_768).map { _ in
      let letter = choices.next(below: 32)
      return letter < 26 ? 0x61 + UInt8(letter) : 0x20
    }
  }()

  private var phase = Phase.tcpSYN
  private var client: CaptureWriter.Endpoint
  private var server: CaptureWriter.Endpoint
  private var choices: Choices

  private let index: Int
  private let fragment: Int
  private let window: Int
  private var budget: Int

  /// Frames that the client has sent and that the server has acknowledged, FIN included.
  private var sent = 0
  private var acknowledged = 0
  private var fragmentsLeft = 0
  private let clientISN: UInt16
  private let serverISN: UInt16

  var isOver: Bool { phase == .over }

  init(index: Int, fragment: Int, window: Int, budget: Int) {
    self.index = index
    self.fragment = fragment
    self.window = window
    self.budget = budget
    choices = Choices(seed: index + 2)
    clientISN = UInt16(choices.next(below: 65_536))
    serverISN = UInt16(choices.next(below: 65_536))
    client = CaptureWriter.Endpoint(
      address: 0x0A00_0000 + UInt32(1 + index / 20_000), port: UInt16(40_000 + index % 20_000),
      sequence: UInt32(choices.next(below: 1 << 32)))
    // Not the default port: tshark would decode port 5000 as another protocol.
    server = CaptureWriter.Endpoint(
      address: 0xC000_0201, port: 25_000, sequence: UInt32(choices.next(below: 1 << 32)))
  }

  /// Writes the session's next packet.
  mutating func takeTurn(_ capture: inout CaptureWriter) throws {
    switch phase {
    case .tcpSYN: try fromClient(&capture, .syn, next: .tcpSYNACK)
    case .tcpSYNACK: try fromServer(&capture, [.syn, .ack], next: .tcpACK)
    case .tcpACK: try fromClient(&capture, .ack, next: .syn)
    case .syn:
      capture.frame.build(.syn, sequence: clientISN, payload: common + named)
      try fromClient(&capture, capture.frame.bytes, next: .synACK)
    case .synACK:
      capture.frame.build(.synACK, sequence: serverISN, payload: common + given + named)
      try fromServer(&capture, capture.frame.bytes, next: .handshakeACK)
    case .handshakeACK:
      capture.frame.build(.handshakeACK, sequence: serverISN, payload: sessionOption)
      try fromClient(&capture, capture.frame.bytes, next: .talk)
    case .talk: try talk(&capture)
    case .clientFIN:
      capture.frame.build(
        .fin, sequence: advance(clientISN, sent + 1), flags: FrameBuilder.last, payload: [])
      sent += 1
      try fromClient(&capture, capture.frame.bytes, next: .clientFINAnswer)
    case .clientFINAnswer: try acknowledge(&capture, next: .serverFIN)
    case .serverFIN:
      capture.frame.build(.fin, sequence: serverISN &+ 1, flags: FrameBuilder.last, payload: [])
      try fromServer(&capture, capture.frame.bytes, next: .serverFINAnswer)
    case .serverFINAnswer:
      capture.frame.build(
        .ack, sequence: serverISN &+ 1, payload: answer(nextExpected: serverISN &+ 2))
      try fromClient(&capture, capture.frame.bytes, next: .tcpClientFIN)
    case .tcpClientFIN: try fromClient(&capture, [.fin, .ack], next: .tcpServerFIN)
    case .tcpServerFIN: try fromServer(&capture, [.fin, .ack], next: .tcpLastACK)
    case .tcpLastACK: try fromClient(&capture, .ack, next: .over)
    case .over: break
    }
  }

  // MARK: messages

  private mutating func talk(_ capture: inout CaptureWriter) throws {
    let inFlight = sent - acknowledged
    let isDone = budget <= 0 && fragmentsLeft == 0
    if isDone && inFlight == 0 {
      phase = .clientFIN
      try takeTurn(&capture)
    } else if isDone || inFlight == window || inFlight > 0 && choices.next(below: 3) == 0 {
      try acknowledge(&capture, next: .talk)
    } else {
      try sendFragment(&capture)
    }
  }

  private mutating func sendFragment(_ capture: inout CaptureWriter) throws {
    if fragmentsLeft == 0 { fragmentsLeft = 1 + choices.next(below: 8) }
    fragmentsLeft -= 1
    let isLast = fragmentsLeft == 0
    let length = isLast ? 1 + choices.next(below: fragment) : fragment
    let start = choices.next(below: Self.text.count - length)
    capture.frame.build(
      .data, sequence: advance(clientISN, sent + 1), flags: isLast ? FrameBuilder.last : 0,
      payload: Self.text[start..<start + length])
    sent += 1
    try fromClient(&capture, capture.frame.bytes, next: .talk)
  }

  private mutating func acknowledge(_ capture: inout CaptureWriter, next: Phase) throws {
    acknowledged += 1
    let sequence = advance(clientISN, acknowledged)
    capture.frame.build(.ack, sequence: sequence, payload: answer(nextExpected: sequence &+ 1))
    try fromServer(&capture, capture.frame.bytes, next: next)
  }

  private func advance(_ sequence: UInt16, _ frames: Int) -> UInt16 {
    sequence &+ UInt16(truncatingIfNeeded: frames)
  }

  private func answer(nextExpected: UInt16) -> [UInt8] {
    var payload: [UInt8] = []
    payload.append(bigEndian: nextExpected)
    payload.append(bigEndian: UInt16(window))
    return payload
  }

  // MARK: options (docs/PROTOCOL.md section 3.1)

  private var common: [UInt8] {
    var options: [UInt8] = [1, 1, 1, 2, 1, index.isMultiple(of: 2) ? 1 : 2]
    options += [3, 2]
    options.append(bigEndian: UInt16(window))
    options += [4, 2]
    options.append(bigEndian: UInt16(fragment))
    return options
  }

  private var given: [UInt8] {
    var options: [UInt8] = [5, 4]
    options.append(bigEndian: UInt32(1 << 20))
    options += [6, 2]
    options.append(bigEndian: clientISN)
    return options + sessionOption
  }

  private var sessionOption: [UInt8] {
    var options: [UInt8] = [7, 8]
    options.append(bigEndian: UInt32(0xBE7C_0000))
    options.append(bigEndian: UInt32(index))
    return options
  }

  private var named: [UInt8] {
    let nickname = Array("bench\(index)".utf8)
    let name = Array("bench".utf8)
    return [8, UInt8(nickname.count)] + nickname + [9, UInt8(name.count)] + name
  }

  // MARK: segments

  private mutating func fromClient(
    _ capture: inout CaptureWriter, _ flags: CaptureWriter.TCPFlags, next: Phase
  ) throws {
    budget -= try capture.write(from: &client, to: server, flags)
    phase = next
  }

  private mutating func fromServer(
    _ capture: inout CaptureWriter, _ flags: CaptureWriter.TCPFlags, next: Phase
  ) throws {
    budget -= try capture.write(from: &server, to: client, flags)
    phase = next
  }

  private mutating func fromClient(
    _ capture: inout CaptureWriter, _ frame: [UInt8], next: Phase
  ) throws {
    budget -= try capture.write(from: &client, to: server, [.push, .ack], payload: frame)
    phase = next
  }

  private mutating func fromServer(
    _ capture: inout CaptureWriter, _ frame: [UInt8], next: Phase
  ) throws {
    budget -= try capture.write(from: &server, to: client, [.push, .ack], payload: frame)
    phase = next
  }
}
