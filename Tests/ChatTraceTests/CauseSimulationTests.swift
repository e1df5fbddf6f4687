import ChatSimulation
import ChatTrace
import ChatWire
import TestSupport
import Testing

/// Explanations of simulated sessions against what the simulation knows of itself.
@Suite("Causes: simulated sessions") struct CauseSimulationTests {
  private static let planCount = UInt64(300 * effort)

  @Test("every repair, goodbye and ERROR is put down to what really happened", arguments: 0..<4)
  func simulated(_ part: UInt64) throws {
    var judge = CauseJudge()
    for seed in 0..<Self.planCount where seed % 4 == part {
      var plan = SimulationPlan.random(seed: seed)
      plan.mode = seed % 8 < 4 ? .goBackN : .selectiveRepeat
      let truth = try CauseTruth(plan)
      judge.judge(truth, seed: seed)
    }
    #expect(judge.wrong.isEmpty, "\(judge.report)\n\n\(judge.wrong.first ?? "")")
    #expect(judge.retransmissions > 0 && judge.nacks > 0 && judge.goodbyes > 0)
  }
}

/// Compares explanations with the truth.
struct CauseJudge {
  var retransmissions = 0
  var nacks = 0
  var goodbyes = 0
  var errors = 0
  /// How often a root of each kind was given.
  var kinds: [String: Int] = [:]
  var wrong: [String] = []

  var report: String {
    "\(retransmissions) retransmissions, \(nacks) NACKs, \(goodbyes) goodbyes, \(errors) errors; "
      + kinds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      + "; wrong: \(wrong.count)"
  }

  mutating func judge(_ truth: CauseTruth, seed: UInt64) {
    for event in truth.events where event.kind == .frame {
      guard let sent = truth.frame(event.frame) else { continue }
      let isRepeated = sent.type.isSequenced && sent.cause != .first
      guard isRepeated || sent.type == .nack || sent.type == .fin || sent.type == .error
      else { continue }
      let answer = truth.answer(.frame(event.frame))
      for root in answer.roots { kinds[root.kind.name, default: 0] += 1 }
      var problem: String?
      if isRepeated {
        retransmissions += 1
        problem = retransmission(sent, answer, truth)
      } else if sent.type == .nack {
        nacks += 1
        problem = nack(sent, answer, truth)
      } else if sent.type == .fin {
        goodbyes += 1
        problem = goodbye(sent, answer, truth)
      } else {
        errors += 1
        problem = error(sent, answer, truth)
      }
      problem = problem ?? rootProblem(sent, answer, truth)
      guard let problem else { continue }
      wrong.append(
        "seed \(seed), frame \(event.frame), sent because of \(sent.cause): \(problem)\n"
          + truth.text(.frame(event.frame)))
    }
  }

  // MARK: what must hold for any explanation

  /// A root must be what really happened to that frame.
  private func rootProblem(
    _ sent: CauseTruth.Sent, _ answer: CauseAnswer, _ truth: CauseTruth
  ) -> String? {
    for root in answer.roots + answer.troubles {
      for number in root.frames {
        guard let culprit = truth.frame(number) else { continue }
        switch root.kind {
        case .fault(let id):
          let isTrue = culprit.acts.contains { $0.rule == root.rule && Self.id(of: $0) == id }
          if !isTrue { return "frame \(number) did not suffer \(id.name) by \(root.rule ?? "-")" }
        case .lostLater, .unanswered, .overtaken, .answerLate:
          if culprit.isLost { return "frame \(number) was lost here" }
        case .lost(let sequence):
          let isTrue = truth.sent.contains {
            $0.overflowed && Int64($0.sequence) == sequence && $0.time <= culprit.time
          }
          if !isTrue { return "sequence \(sequence) was never lost before it came here" }
        case .unseen(let sequence):
          if truth.sent.contains(where: {
            $0.direction != sent.direction && Int64($0.sequence) == sequence && $0.frame > 0
              && $0.frame < number && $0.type.isSequenced
          }) {
            return "sequence \(sequence) was seen"
          }
        case .acknowledged(let sequence):
          if !truth.sent.contains(where: {
            $0.direction == sent.direction && Int64($0.sequence) == sequence && !$0.isLost
              && $0.frame > 0 && $0.frame < number
          }) {
            return "sequence \(sequence) had not arrived"
          }
        case .damaged, .framing, .doubled, .channel, .channelDelay, .unrequested:
          return "\(root.kind.name): nothing like that happens in a simulation"
        case .own, .unknown: break
        }
      }
    }
    return answer.roots.isEmpty ? "no root" : nil
  }

  private static func id(of act: FaultAct) -> NoteID {
    switch act.change {
    case .drop: .faultDropped
    case .corrupt: .faultCorrupted
    case .duplicate: .faultDuplicated
    case .delay: .faultDelayed
    case .reorder: .faultReordered
    case .bandwidth: .faultPaced
    case .reset: .faultReset
    case .slowClose: .faultSlowClose
    }
  }

  // MARK: what must hold for what is explained

  private func retransmission(
    _ sent: CauseTruth.Sent, _ answer: CauseAnswer, _ truth: CauseTruth
  ) -> String? {
    guard let copy = lastCopy(before: sent, truth) else { return "sent for the first time" }
    let isExplained = answer.roots.contains { root in
      if case .own = root.kind { return false }
      if case .unknown = root.kind { return false }
      return true
    }
    if !isExplained { return "nothing is said of what went wrong" }
    // A copy that was lost here is the reason, unless everything is repeated because of another, or
    // an earlier copy had arrived.
    let hasArrived = truth.sent.contains {
      $0.direction == sent.direction && $0.sequence == sent.sequence && $0.type == sent.type
        && $0.place < sent.place && !$0.isLost && $0.frame > 0
    }
    guard !hasArrived, sent.cause == .timeout || sent.cause == .nack, copy.isLost, !copy.overflowed,
      copy.frame > 0
    else { return nil }
    let isNamed = answer.steps.contains { $0.event.frame == UInt64(copy.frame) }
    return isNamed || answer.steps.contains { isEarlier($0.event, than: copy) }
      ? nil : "frame \(copy.frame) was lost here, and is not named"
  }

  /// In Go-Back-N the loss of an earlier frame counts for those behind it.
  private func isEarlier(_ event: TraceEvent, than copy: CauseTruth.Sent) -> Bool {
    event.direction == copy.direction && FrameType(rawValue: event.typeCode).isSequenced
      && Int16(bitPattern: copy.sequence &- event.sequence) > 0
      && event.disposition != .forwarded
  }

  /// The copy that was sent before.
  private func lastCopy(before sent: CauseTruth.Sent, _ truth: CauseTruth) -> CauseTruth.Sent? {
    truth.sent.last {
      $0.direction == sent.direction && $0.sequence == sent.sequence && $0.type == sent.type
        && $0.place < sent.place
    }
  }

  private func nack(
    _ sent: CauseTruth.Sent, _ answer: CauseAnswer, _ truth: CauseTruth
  ) -> String? {
    // Somebody of the other direction was lost or late.
    let isDisturbed = truth.sent.contains {
      $0.direction != sent.direction && $0.time < sent.time && ($0.overflowed || !$0.acts.isEmpty)
    }
    if !isDisturbed { return "nothing had gone wrong" }
    let isExplained = answer.roots.contains { root in
      if case .own = root.kind { return false }
      if case .unknown = root.kind { return false }
      return true
    }
    return isExplained ? nil : "nothing is said of what went wrong"
  }

  private func goodbye(
    _ sent: CauseTruth.Sent, _ answer: CauseAnswer, _ truth: CauseTruth
  ) -> String? {
    if sent.direction == .clientToServer {
      return answer.steps.count == 1 ? nil : "the client says goodbye by itself"
    }
    let isNamed = answer.steps.contains {
      $0.event.typeCode == FrameType.fin.rawValue && $0.event.direction == .clientToServer
    }
    return isNamed ? nil : "the goodbye of the client is not named"
  }

  private func error(
    _ sent: CauseTruth.Sent, _ answer: CauseAnswer, _ truth: CauseTruth
  ) -> String? {
    guard let step = answer.steps.first, answer.steps.count > 1 else {
      return "nothing is said of what led to it"
    }
    guard step.event.code == 8 else { return nil }
    guard let last = truth.frame(answer.steps[1].event.frame), last.direction == sent.direction
    else { return "the last try is not named" }
    // The one that was tried too often, as far as it came here.
    return last.cause == .timeout || last.timeouts > 0 ? nil : "frame \(last.frame) is no retry"
  }
}
