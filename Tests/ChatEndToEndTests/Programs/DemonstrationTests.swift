import TestSupport
import Testing

/// What the paper demonstrates, with the programs themselves.
@Suite("The paper's demonstrations") struct DemonstrationTests {
  @Test("three clients with a long message, /nick and /who")
  func threeClients() throws {
    try withStage { stage in
      let server = try stage.server()
      let ana = try stage.client(server, nick: "ana")
      let ben = try stage.client(server, nick: "ben", "--max-fragment-size", "7")
      let cem = try stage.client(server, nick: "cem", "--protocol", "sr")

      let long = (0..<600).map { "\($0) 😀 ça va" }.joined(separator: ", ")
      #expect(long.utf8.count > 6_000)
      try ana.say(long)
      try ben.wait(forMessage: long, from: "ana")
      try cem.wait(forMessage: long, from: "ana")
      try ben.say(long)
      try ana.wait(forMessage: long, from: "ben")

      try ben.say("/nick benjamin")
      try ben.wait(forKind: "nickname", nickname: "benjamin")
      let renamed = try ana.wait(forKind: "renamed", nickname: "benjamin")
      #expect(renamed.from == "ben")
      try ben.say("as somebody else")
      try cem.wait(forMessage: "as somebody else", from: "benjamin")

      let here = try cem.whoIsHere()
      #expect(here.map { $0.string("nickname") } == ["ana", "benjamin", "cem"])
      #expect(here.map { $0.string("protocol") } == ["gbn", "gbn", "sr"])
      #expect(here.map { $0.integer("fragment") } == [1_024, 7, 1_024])
      #expect(here.map { $0.boolean("self") } == [nil, nil, true])
      for client in [ana, ben, cem] { #expect(try client.finish() == .code(0)) }
      // Nobody hears themselves.
      #expect(try ana.events("message").count == 2)
    }
  }

  @Test("Go-Back-N and Selective Repeat in one room, and all see the same order")
  func bothModes() throws {
    try withStage { stage in
      let server = try stage.server("--rate", "0")
      let listeners = [
        try stage.client(server, nick: "hears-gbn", "--window-size", "3"),
        try stage.client(server, nick: "hears-sr", "--protocol", "sr", "--window-size", "8"),
      ]
      let speakers = [
        try stage.client(
          server, nick: "gbn", "--protocol", "gbn", "--window-size", "4", "--max-fragment-size",
          "5"),
        try stage.client(
          server, nick: "sr", "--protocol", "sr", "--window-size", "64", "--max-fragment-size",
          "11"),
        try stage.client(
          server, nick: "sr-small", "--protocol", "sr", "--window-size", "1",
          "--max-fragment-size", "1"),
      ]
      for number in 0..<30 {
        for (index, speaker) in speakers.enumerated() {
          try speaker.say("speaker \(index), message \(number)")
        }
      }
      let orders = try listeners.map { try $0.wait(forMessageCount: 90).map(\.text) }
      #expect(orders[0] == orders[1])
      for index in speakers.indices {
        #expect(
          orders[0].filter { $0.hasPrefix("speaker \(index),") }
            == (0..<30).map { "speaker \(index), message \($0)" })
        let heard = try speakers[index].wait(forMessageCount: 60).map(\.text)
        #expect(heard == orders[0].filter { !$0.hasPrefix("speaker \(index),") })
      }
    }
  }

  /// A client behind a bad line speaks with one behind a good one; everything must arrive once.
  private func overBadLine(
    _ mode: String, _ faults: String, on side: String
  ) throws -> (explanations: [String], status: JSONObject) {
    var result: (explanations: [String], status: JSONObject)?
    try withStage { stage in
      let server = try stage.server(
        ["--rate", "0"] + (side == "server" ? ["--faults", faults, "--seed", "11"] : []))
      let good = try stage.client(server, nick: "good")
      let options =
        ["--protocol", mode, "--max-fragment-size", "20"]
        + (side == "client" ? ["--faults", faults, "--seed", "11"] : [])
      let bad = try stage.client(port: server.port, nick: "bad", options)
      try bad.whoIsHere()
      let there = (0..<40).map { "there \($0): \(String(repeating: "ab", count: $0))" }
      let back = (0..<40).map { "back \($0): \(String(repeating: "yz", count: $0))" }
      for text in there { try bad.say(text) }
      for text in back { try good.say(text) }
      #expect(try good.wait(forMessageCount: 40).map(\.text) == there)
      #expect(try bad.wait(forMessageCount: 40).map(\.text) == back)
      try bad.wait(forDelivered: 40)
      let status = try server.status()
      #expect(try bad.finish() == .code(0))
      #expect(try good.events("message").count == 40)
      #expect(try bad.events("message").count == 40)
      result = (try bad.events("explanation").map(\.text), status)
    }
    guard let result else { throw TestFailure("nothing came of it") }
    return result
  }

  @Test("corruption of a client's frames ends in NACK and a resend", arguments: ["gbn", "sr"])
  func corruption(mode: String) throws {
    let (explanations, _) = try overBadLine(mode, "corrupt 20% DATA", on: "client")
    #expect(explanations.contains { $0.contains("damaged here") })
    #expect(explanations.contains { $0.contains("retransmission") && $0.contains("NACK") })
  }

  @Test("loss among many frames is noticed by the others", arguments: ["gbn", "sr"])
  func lossOfMany(mode: String) throws {
    let (explanations, _) = try overBadLine(mode, "drop 20%", on: "client")
    #expect(explanations.contains { $0.contains("dropped here") })
    #expect(explanations.contains { $0.contains("retransmission") && $0.contains("NACK") })
  }

  @Test("loss of a lonely frame ends in a timeout and a resend", arguments: ["gbn", "sr"])
  func lossOfOne(mode: String) throws {
    try withStage { stage in
      let server = try stage.server()
      let good = try stage.client(server, nick: "good")
      let bad = try stage.client(
        server, nick: "bad", "--protocol", mode, "--faults", "drop 20%", "--seed", "3")
      let texts = (0..<20).map { "lonely \($0)" }
      for (number, text) in texts.enumerated() {
        try bad.say(text)
        try bad.wait(forDelivered: number + 1)
      }
      #expect(try good.wait(forMessageCount: texts.count).map(\.text) == texts)
      let explanations = try bad.events("explanation").map(\.text)
      #expect(explanations.contains { $0.contains("dropped here") })
      #expect(explanations.contains { $0.contains("retransmission") && $0.contains("timer") })
      #expect(try bad.finish() == .code(0))
      #expect(try good.events("message").count == texts.count)
    }
  }

  @Test("everything at once, in both directions, is repaired", arguments: ["gbn", "sr"])
  func everything(mode: String) throws {
    let (explanations, _) = try overBadLine(
      mode, "drop 5%; corrupt 5%; corrupt length 1%; duplicate 5%; reorder 5% gap 2", on: "client")
    #expect(!explanations.isEmpty)
  }

  @Test func `a server that resets a connection by a rule is found again`() throws {
    try withStage { stage in
      let server = try stage.server(["--faults", "reset DATA c2s nth 2 connection 1"])
      let bad = try stage.client(server, nick: "bad")
      for number in 1...3 {
        try bad.say("message \(number)")
        try bad.wait(forDelivered: number)
      }
      #expect(try bad.events("disconnected").count == 1)
      #expect(try bad.finish() == .code(0))
    }
  }

  @Test("faults on the server's side are repaired as well", arguments: ["gbn", "sr"])
  func serverFaults(mode: String) throws {
    let (_, status) = try overBadLine(mode, "drop 10%; corrupt 10%", on: "server")
    let again = status.objects("clients")?.compactMap { $0.integer("retransmission_count") } ?? []
    #expect(again.reduce(0, +) > 0)
  }
}
