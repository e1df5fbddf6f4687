import ChatWire
import TestSupport
import Testing

/// The receiver against scripts of arrivals with the answers and deliveries due.
@Suite("ARQ vectors") struct ARQVectorTests {
  static let scripts = Vector.load("arq.json", "scripts")

  @Test("there are scripts") func exist() {
    #expect(Self.scripts.count >= 40)
  }

  @Test("a script of arrivals causes the answers and deliveries that it says", arguments: scripts)
  func script(_ script: Vector) throws {
    let window = try #require(script.number("window"))
    var receiver = ARQReceiver(
      mode: script.text("mode") == "sr" ? .selectiveRepeat : .goBackN, windowSize: window,
      capacity: window,
      nextExpected: SequenceNumber(UInt16(try #require(script.number("nextExpected")))))
    for (index, step) in script.list("steps").enumerated() {
      let delivered = try take(step, into: &receiver)
      #expect(
        delivered == (step.fields["delivered"] as? [Int] ?? []), "\(script.name), step \(index)")
      var answers: [String] = []
      while let answer = receiver.answers.next() { answers.append(Self.text(answer)) }
      let due = step.list("answers").map(Self.text)
      #expect(answers == due, "\(script.name), step \(index)")
    }
    #expect(Int(receiver.nextExpected.rawValue) == script.number("nextExpectedAfter"))
  }

  private func take(_ step: Vector, into receiver: inout ARQReceiver) throws -> [Int] {
    if let corrupt = step.fields["corrupt"] as? [String: Any] {
      let found = Vector(fields: corrupt)
      receiver.receiveCorrupt(
        SequenceNumber(UInt16(try #require(found.number("sequence")))),
        type: FrameType(rawValue: UInt8(try #require(found.number("type")))))
      return []
    }
    let frame = Vector(fields: try #require(step.fields["frame"] as? [String: Any]))
    let sequence = SequenceNumber(UInt16(try #require(frame.number("sequence"))))
    let flags = UInt8(try #require(frame.number("flags")))
    let payload = try #require(bytes(hex: frame.text("payload") ?? ""))
    let reception = receiver.receive(
      sequence, type: FrameType(rawValue: UInt8(try #require(frame.number("type")))),
      isLast: flags & FrameHeader.lastFlag != 0,
      isRetransmission: flags & FrameHeader.retransmissionFlag != 0, payload: payload.span.bytes)
    guard reception == .deliver else { return [] }
    var delivered = [Int(sequence.rawValue)]
    var next = sequence.next
    while receiver.takeBuffered() != nil {
      delivered.append(Int(next.rawValue))
      next = next.next
    }
    return delivered
  }

  private static func text(_ answer: Answer) -> String {
    "\(answer.isNack ? "NACK" : "ACK") \(answer.sequence.rawValue) "
      + "\(answer.nextExpected.rawValue) \(answer.window)"
  }

  private static func text(_ answer: Vector) -> String {
    "\(answer.text("type") ?? "?") \(answer.number("sequence") ?? -1) "
      + "\(answer.number("nextExpected") ?? -1) \(answer.number("window") ?? -1)"
  }
}
