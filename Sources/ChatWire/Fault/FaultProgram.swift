/// Rules at work on one connection: the rules with their dice and their counts.
struct FaultProgram: Sendable {
  private struct Entry: Sendable {
    let rule: FaultRule
    /// The rule in its normal spelling, made once.
    let text: String
    let occurrence: Int
    let key: UInt64
    /// What most frames can be refused by at once.
    let types: FrameTypeSet
    let direction: Direction?
    /// There is more to look at than that.
    let hasDetails: Bool
    /// It is about the end of a direction, not about frames.
    let isAboutEnd: Bool
  }

  /// Frames that fit a rule so far, of each direction.
  private struct Counts: Sendable {
    var clientToServer: UInt64 = 0
    var serverToClient: UInt64 = 0

    /// Counts a frame; gives the count, it included.
    mutating func count(_ direction: Direction) -> UInt64 {
      switch direction {
      case .clientToServer:
        clientToServer = clientToServer.saturatingNext
        return clientToServer
      case .serverToClient:
        serverToClient = serverToClient.saturatingNext
        return serverToClient
      }
    }
  }

  let seed: UInt64
  private var entries: [Entry] = []
  /// One for each entry.
  private var counts: [Counts] = []

  init(_ rules: FaultRules, seed: UInt64) {
    self.seed = seed
    replace(with: rules)
  }

  /// Takes other rules; one whose text was there before keeps its counts.
  mutating func replace(with rules: FaultRules) {
    let old = (entries, counts)
    (entries, counts) = ([], [])
    for rule in rules.rules {
      let text = rule.description
      let occurrence = entries.count { $0.text == text }
      let same = old.0.firstIndex { $0.text == text && $0.occurrence == occurrence }
      entries.append(
        Entry(
          rule: rule, text: text, occurrence: occurrence,
          key: FaultDice.key(ofRule: text, occurrence: occurrence), types: rule.types,
          direction: rule.direction, hasDetails: rule.hasDetails,
          isAboutEnd: rule.action.isAboutEnd))
      counts.append(same.map { old.1[$0] } ?? Counts())
    }
  }

  /// What the rules do to a frame.
  ///
  /// Every rule that the frame fits counts it, also behind a drop or reset: what one rule counts
  /// does not depend on the others.
  mutating func acts(
    on subject: FaultSubject, payload: RawSpan, layout: FrameLayout
  ) -> [FaultAct] {
    if entries.isEmpty { return [] }
    let direction = subject.identity.direction
    let type = subject.typeName
    var acts: [FaultAct] = []
    var isGone = false
    for index in entries.indices where !entries[index].isAboutEnd {
      if let only = entries[index].direction, only != direction { continue }
      guard entries[index].types.isEmpty || entries[index].types.contains(type),
        !entries[index].hasDetails || entries[index].rule.fits(subject, payload: payload)
      else { continue }
      let count = counts[index].count(direction)
      guard !isGone, !entries[index].hasDetails || entries[index].rule.picks(count),
        let change = change(by: entries[index], subject, layout, after: acts)
      else { continue }
      acts.append(FaultAct(rule: entries[index].text, change))
      isGone = change.isEnd
    }
    return acts
  }

  /// What the rules do to the end of a direction.
  func acts(onEnd identity: FrameIdentity, age: Duration) -> [FaultAct] {
    var acts: [FaultAct] = []
    for entry in entries where entry.isAboutEnd {
      guard case .slowClose(let time) = entry.rule.action,
        entry.rule.fits(endOf: identity.direction, connection: identity.connection, age: age),
        includes(entry, identity)
      else { continue }
      acts.append(FaultAct(rule: entry.text, .slowClose(time)))
    }
    return acts
  }

  /// True if the dice are for it.
  private func includes(_ entry: Entry, _ identity: FrameIdentity) -> Bool {
    let probability = entry.rule.probability
    if probability == .always { return true }
    if probability == .never { return false }
    return probability.includes(dice(entry, identity).draw(.decision))
  }

  private func dice(_ entry: Entry, _ identity: FrameIdentity) -> FaultDice {
    FaultDice(seed: seed, ruleKey: entry.key, identity: identity)
  }

  /// What a rule that picks a frame does to it; nil if the dice are against it.
  private func change(
    by entry: Entry, _ subject: FaultSubject, _ layout: FrameLayout, after acts: [FaultAct]
  ) -> FaultAct.Change? {
    guard includes(entry, subject.identity) else { return nil }
    let dice = dice(entry, subject.identity)
    switch entry.rule.action {
    case .drop, .blackhole: return .drop
    case .reset: return .reset
    case .bandwidth(let rate): return .bandwidth(rate)
    case .slowClose: return nil
    case .duplicate(let copies): return .duplicate(copies: copies)
    case .reorder(let gap): return .reorder(gap: gap)
    case .delay(let time, let jitter):
      let spread = jitter.nanoseconds
      guard spread > 0 else { return .delay(time) }
      let drawn = dice.draw(.jitter, below: UInt64(2 &* spread &+ 1))
      return .delay(.nanoseconds(max(0, time.nanoseconds &+ Int64(drawn) &- spread)))
    case .corrupt(let wanted):
      let part = wanted == .payload && layout.payloadCount == 0 ? .checksum : wanted
      let bitCount = layout.byteCount(of: part) &* 8
      guard bitCount > 0 else { return nil }
      var chosen = Int(dice.draw(.bit, below: UInt64(bitCount)))
      // A bit that another rule has flipped would be flipped back.
      for _ in 0..<bitCount {
        let byte = layout.offset(ofByte: chosen / 8, in: part)
        let change = FaultAct.Change.corrupt(part, byte: byte, bit: chosen % 8)
        if !acts.contains(where: { $0.change.flipsSameBit(as: change) }) { return change }
        chosen = (chosen + 1) % bitCount
      }
      return nil
    }
  }
}

extension FaultAct.Change {
  fileprivate func flipsSameBit(as other: FaultAct.Change) -> Bool {
    guard case .corrupt(_, let byte, let bit) = self,
      case .corrupt(_, let otherByte, let otherBit) = other
    else { return false }
    return byte == otherByte && bit == otherBit
  }
}

/// Where the parts of a whole frame are.
struct FrameLayout {
  let dialect: Dialect
  let payloadCount: Int

  /// The layout of a frame with so many bytes, its header among them.
  init(_ dialect: Dialect, byteCount: Int) {
    self.dialect = dialect
    payloadCount = max(0, byteCount &- dialect.headerSize)
  }

  func byteCount(of part: FramePart) -> Int {
    switch part {
    case .payload: payloadCount
    case .checksum, .header: 4
    case .length: dialect == .native ? 3 : 4
    }
  }

  /// Where byte `index` of a part stands in the frame.
  func offset(ofByte index: Int, in part: FramePart) -> Int {
    // The length field of the classic dialect is one byte longer; the rest is the same.
    let shift = dialect == .native ? 0 : 1
    return switch part {
    case .payload: dialect.headerSize &+ index
    case .checksum: 6 &+ shift &+ index
    case .length: index
    // Type, sequence, flags.
    case .header: index < 3 ? 3 &+ shift &+ index : 10 &+ shift
    }
  }
}
