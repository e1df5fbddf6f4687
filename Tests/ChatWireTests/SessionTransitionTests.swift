import ChatWire
import TestSupport
import Testing

/// Every phase with every input: nothing is unhandled, and a change of behaviour shows as a changed
/// line of the golden files.
@Suite("Session transitions") struct SessionTransitionTests {
  private struct Transition {
    let role: Session.Role
    let from: Session.Phase
    let input: String
    let words: [String]
    let after: Session.Phase
  }

  private func transition(
    _ situation: SessionTransitions.Situation, _ input: SessionTransitions.Input
  ) -> Transition {
    var driven = situation.session
    let from = driven.session.phase
    var words: [String] = []
    do {
      try input.happen(&driven)
    } catch let refusal as SendRefusal {
      words.append("refused: \(refusal.sentence)")
    } catch {
      words.append("\(error)")
    }
    words += driven.drain(outputsMax: 50)
    return Transition(
      role: driven.session.role, from: from, input: input.name, words: words,
      after: driven.session.phase)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  @Test func `the table of transitions is the golden one`() throws {
    var table = """
      What a session does: situation, input, outputs in order, the phase after it if that is
      another one. Windows are 16 frames; the round trip is 400 ms. Written by the tests.

      """
    for situation in try SessionTransitions.situations() {
      table += "\n\(situation.name)\n"
      for input in SessionTransitions.inputs {
        let transition = transition(situation, input)
        let outputs = transition.words.isEmpty ? "-" : transition.words.joined(separator: "; ")
        let after = transition.after == transition.from ? "" : " => \(transition.after)"
        table += "  \(padded(input.name, 30))\(outputs)\(after)\n"
      }
    }
    expectGolden(table, named: "session.transitions.txt")
  }

  @Test func `the diagram of phases is the golden one`() throws {
    var edges: [(role: Session.Role, from: Session.Phase, after: Session.Phase, labels: [String])] =
      []
    for situation in try SessionTransitions.situations() {
      for input in SessionTransitions.inputs {
        let transition = transition(situation, input)
        guard transition.after != transition.from else { continue }
        let label = label(of: transition)
        if let index = edges.firstIndex(where: {
          $0.role == transition.role && $0.from == transition.from && $0.after == transition.after
        }) {
          if !edges[index].labels.contains(label) { edges[index].labels.append(label) }
        } else {
          edges.append((transition.role, transition.from, transition.after, [label]))
        }
      }
    }
    var diagram = "stateDiagram-v2\n"
    for role in [Session.Role.client, .server] {
      diagram += "  state \(role) {\n"
      diagram += "    [*] --> \(role)_\(role == .client ? "synSent" : "listening")\n"
      for edge in edges where edge.role == role {
        diagram += "    \(role)_\(edge.from) --> \(role)_\(edge.after): "
        diagram += edge.labels.joined(separator: ", ") + "\n"
      }
      diagram += "    \(role)_ended --> [*]\n  }\n"
    }
    expectGolden(diagram, named: "session.diagram.mmd")
  }

  /// Why the phase changed: a command, how it ended, or the kind of the input.
  private func label(of transition: Transition) -> String {
    let input = String(transition.input.prefix { $0 != "," })
    guard transition.after == .ended, let last = transition.words.last, input != "fail",
      input != "refuse"
    else { return input }
    let end = last.split(separator: " ").dropFirst()
    switch end.first {
    case "failed": return "ERROR \(end.dropFirst().first ?? "") sent"
    case "failedByPeer": return "ERROR received"
    default: return end.first.map(String.init) ?? last
    }
  }

  @Test func `every phase of both roles is in the table`() throws {
    let phases = try SessionTransitions.situations().map {
      "\($0.session.session.role) \($0.session.session.phase)"
    }
    let expected = [
      "client synSent", "client established", "client ended", "server listening",
      "server deciding", "server synReceived", "server established", "server lingering",
      "server ended",
    ]
    #expect(Set(phases) == Set(expected))
    #expect(Set(expected.map { $0.split(separator: " ")[1] }).count == Session.Phase.allCases.count)
  }

  @Test func `after any two inputs the contract holds as well`() throws {
    for situation in try SessionTransitions.situations() {
      for first in SessionTransitions.inputs where !first.name.hasPrefix("more") {
        var driven = situation.session
        try? first.happen(&driven)
        _ = driven.drain(outputsMax: 50)
        for second in SessionTransitions.inputs where !second.name.hasPrefix("more") {
          var driven = driven
          try? second.happen(&driven)
          _ = driven.drain(outputsMax: 50)
        }
      }
    }
  }
}
