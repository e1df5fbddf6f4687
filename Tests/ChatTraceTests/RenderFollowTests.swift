import ChatTrace
import ChatWire
import TestSupport
import Testing

@Suite("Conversation") struct RenderFollowTests {
  private func followed(
    _ events: [TraceEvent], stream: Int = 0, direction: Direction? = nil
  ) -> String {
    var renderer = FollowRenderer(stream: stream, direction: direction)
    var output: [UInt8] = []
    for event in events { renderer.render(event, into: &output) }
    return String(decoding: output, as: UTF8.self)
  }

  private func notice(_ number: UInt64, _ code: UInt8, _ reason: String) -> TraceEvent {
    RenderSamples.frame(number, Int64(number) * 1_000_000, .serverToClient, .notice, 0) {
      $0.code = code
      $0.reason = reason
      $0.message = number
    }
  }

  private func said(
    _ number: UInt64, _ direction: Direction, _ text: String, by nickname: String? = nil
  ) -> TraceEvent {
    RenderSamples.frame(number, Int64(number) * 1_000_000, direction, .data, 0) {
      $0.text = text
      $0.nickname = nickname
    }
  }

  private var conversation: [TraceEvent] {
    [
      RenderSamples.frame(1, 0, .serverToClient, .synAck, 0) { $0.nickname = "guest-1" },
      notice(2, 7, "welcome to the room"), notice(3, 4, "ana"), notice(4, 1, "bia"),
      said(5, .clientToServer, "oi bia"), said(6, .serverToClient, "olá\nduas linhas", by: "bia"),
      notice(7, 3, "bia\nbibi"), notice(7, 3, "bia\nbibi"), notice(8, 5, "no such nickname"),
      RenderSamples.record(.gap, 9_000_000) {
        $0.direction = .serverToClient
        $0.length = 611
      },
      notice(10, 2, "bibi\nwent home"), notice(11, 2, "caio"), notice(12, 6, "see you"),
      RenderSamples.frame(13, 13_000_000, .clientToServer, .fin, 0) {
        $0.reason = "bye"
        $0.message = 13
      },
      RenderSamples.frame(14, 14_000_000, .serverToClient, .error, 0) {
        $0.code = 9
        $0.reason = "shutting down"
      },
      RenderSamples.record(.session, 15_000_000) { $0.end = .abrupt },
    ]
  }

  @Test func `a conversation reads as people had it`() throws {
    expectGolden(followed(conversation), named: "render-follow.txt")
  }

  @Test func `only one direction is shown when asked, with the names learnt from both`() {
    #expect(
      followed(conversation, direction: .clientToServer)
        == "22:13:25 ana: oi bia\n22:13:33 * ana says goodbye (bye)\n"
        + "22:13:35 [the connection was closed without a goodbye]\n")
  }

  @Test func `other streams are left alone`() {
    #expect(followed(conversation, stream: 1) == "")
  }

  @Test func `classic names come from the server's answer`() {
    var named = RenderSamples.frame(1, 0, .serverToClient, FrameType(rawValue: 2), 0)
    named.dialect = .classic
    named.nickname = "zé"
    #expect(
      followed([named, named, said(2, .clientToServer, "oi")])
        == "22:13:20 * the client is zé\n22:13:22 zé: oi\n")
  }

  @Test func `a damaged notice is not announced, its retransmission is`() {
    var damaged = notice(3, 1, "bi\u{FFFD}")
    damaged.checksum = .bad
    #expect(followed([damaged, notice(3, 1, "bia")]) == "22:13:23 * bia joined\n")
  }

  @Test func `without timestamps there are no times`() {
    var event = said(1, .clientToServer, "one\ntwo")
    event.time = nil
    #expect(followed([event]) == "client: one\n  two\n")
  }

  @Test(arguments: RenderSamples.hostile)
  func `no text can act, or look like another message`(_ text: String) {
    var events = [said(1, .serverToClient, text, by: text), said(2, .clientToServer, text)]
    events += (1...7).map { notice(UInt64($0) + 10, $0, text) }
    let shown = followed(events)
    for scalar in shown.unicodeScalars where scalar != "\t" { expectHarmless(scalar) }
    for line in shown.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      #expect(line.hasPrefix("22:13:") || line.hasPrefix("           "))
    }
  }
}
