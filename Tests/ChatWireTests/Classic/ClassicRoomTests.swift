import ChatWire
import TestSupport
import Testing

/// Classic sessions around one room, as a server puts them together.
@Suite struct ClassicRoomTests {
  /// A server of which only the connections are missing.
  final class Server {
    var room = Room(welcome: "Hello.")
    var sessions: [ClassicServerSession] = []
    var now = Instant.zero
    /// What each client has been sent.
    var written: [[String]] = []

    func connect() {
      sessions.append(ClassicServerSession(seed: UInt64(sessions.count), at: now))
      written.append([])
    }

    func receive(_ index: Int, _ samples: ClassicSample...) {
      for sample in samples { sessions[index].receive(sample.bytes.span.bytes) }
      // Long enough for every answer to be written.
      for _ in 0..<20 {
        for index in sessions.indices { drain(index) }
        now = now.advanced(by: .milliseconds(2))
      }
    }

    private func drain(_ index: Int) {
      let id = RoomMemberID(rawValue: UInt64(index))
      while true {
        var buffer: [UInt8] = []
        switch sessions[index].nextOutput(at: now, into: &buffer) {
        case .transmit: written[index].append(ClassicSample(buffer)?.text ?? "?")
        case .opening(let parameters):
          _ = room.join(id, RoomProfile(parameters), at: now)
          sessions[index].accept(sessionID: "0000000\(index)")
        case .established: deliver(room.established(id))
        case .text(let bytes): deliver(room.text(from: id, bytes, sentAtMilliseconds: 0))
        case .nicknameWanted(let name): deliver(room.nickname(from: id, Array(name.utf8)))
        case .namesWanted: deliver(room.roster(for: id, at: now))
        case .discarded, .channelConfigured: break
        case .wait: return
        case .ended(let end):
          deliver(room.leave(id, reason: end.sentence))
          return
        }
      }
    }

    private func deliver(_ deliveries: [RoomDelivery]) {
      for delivery in deliveries {
        let form = delivery.message.classicForm()
        var recipients: [Int] = []
        room.forEachRecipient(of: delivery) { recipients.append(Int($0.id.rawValue)) }
        for index in recipients {
          switch form {
          case .broadcast(let frames): sessions[index].broadcast(frames)
          case .nickname(let nickname): sessions[index].giveNickname(nickname)
          case .names(let names): sessions[index].list(names)
          case .nothing: break
          }
        }
      }
    }
  }

  @Test func `original clients meet, talk, rename and leave`() {
    let server = Server()
    for index in 0..<3 {
      server.connect()
      server.receive(index, .syn)
    }
    server.receive(0, .handshakeAck)
    server.receive(1, .handshakeAck)
    server.written = [[], [], []]
    server.receive(0, ClassicSample(.setNick, "ana"))
    server.receive(1, ClassicSample(.setNick, "Ana!"))
    server.receive(0, .data("He", 0, last: false), .data("y", 1))
    server.receive(1, .listRequest)
    server.receive(1, .data("\u{1B}[2J"), .data("yo"))
    server.receive(2, .handshakeAck, .listRequest)
    server.receive(0, .disconnect)
    server.receive(2, .listRequest)
    #expect(
      server.written[0] == [
        "NICK OK: ana", "ACK for seq 0", "ACK for seq 1", "[Ana2] yo", "Disconnect ACK",
      ])
    #expect(
      server.written[1] == [
        "NICK OK: Ana2", "[ana] Hey", #"["ana", "Ana2"]"#, "ACK for seq 0", "ACK for seq 0",
      ])
    #expect(server.written[2] == [#"["ana", "Ana2", "guest-3"]"#, #"["Ana2", "guest-3"]"#])
  }
}
