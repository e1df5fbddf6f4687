internal import ArgumentParser
internal import ChatProgram
internal import ChatTrace
internal import ChatWire

/// How two runs are compared.
enum ReplayLevel: String, ExpressibleByArgument, CaseIterable {
  case wire, `protocol`, meaning
}

/// How what was played is compared with what was recorded.
struct ReplayComparingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What has to be the same: wire, protocol, or the meaning alone.", valueName: "level"))
  var level = ReplayLevel.meaning

  @Option(
    help: ArgumentHelp(
      "A field that may differ, as in fields; may be repeated.", valueName: "field"))
  var ignore: [String] = []

  @Flag(
    help: """
      Play it twice, and take what differs between these two for noise: for a server that numbers \
      its guests, for instance.
      """)
  var twice = false
}

/// Something that was played in another way than it was recorded.
struct ReplayDifference: Hashable {
  var stream: Int
  var recordedFrame: UInt64
  var liveFrame: UInt64
  var text: String
}

/// PROVISIONAL
func compareStories(_ recorded: Story, _ live: Story) -> [ReplayDifference] {
  var found: [ReplayDifference] = []
  for session in recorded.sessions {
    guard let other = live.sessions.first(where: { $0.stream == session.stream }) else {
      found.append(
        ReplayDifference(stream: session.stream, recordedFrame: 0, liveFrame: 0, text: "absent"))
      continue
    }
    for role in [Session.Role.client, .server] {
      let (left, right) = (session.messages(from: role), other.messages(from: role))
      for index in 0..<max(left.count, right.count) {
        let a = left.indices.contains(index) ? left[index] : nil
        let b = right.indices.contains(index) ? right[index] : nil
        var x = a?.bytes ?? []
        var y = b?.bytes ?? []
        if role == .server, a?.typeCode == 4, session.dialect == .native { x.removeFirst(8) }
        if role == .server, b?.typeCode == 4, session.dialect == .native { y.removeFirst(8) }
        if a?.typeCode != b?.typeCode || x != y {
          found.append(
            ReplayDifference(
              stream: session.stream, recordedFrame: a?.firstFrame ?? 0,
              liveFrame: b?.firstFrame ?? 0,
              text:
                "\(role.name) \(index + 1): \(a?.summary ?? "-") is now \(b?.summary ?? "-")"
            ))
        }
      }
    }
    if session.end != other.end {
      found.append(
        ReplayDifference(
          stream: session.stream, recordedFrame: 0, liveFrame: 0,
          text: "end \(session.end?.name ?? "-") is now \(other.end?.name ?? "-")"))
    }
  }
  return found
}
