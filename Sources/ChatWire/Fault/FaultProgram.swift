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
          direction: rule.direction, hasDetails: rule.hasDetails))
      counts.append(same.map { old.1[$0] } ?? Counts())
    }
  }

  /// What the rules do to a frame.
  ///
  /// Every rule that the frame fits counts it, also behind a drop: what one rule counts does not
  /// depend on the others.
  mutating func acts(
    on subject: FaultSubject, payload: RawSpan, layout: FrameLayout
  ) -> [FaultAct] {
    if entries.isEmpty { return [] }
    let direction = subject.identity.direction
    let type = subject.typeName
    var acts: [FaultAct] = []
    var isDropped = false
    for index in entries.indices {
      if let only = entries[index].direction, only != direction { continue }
      guard entries[index].types.isEmpty || entries[index].types.contains(type),
        !entries[index].hasDetails || entries[index].rule.fits(subject, payload: payload)
      else { continue }
      let count = counts[index].count(direction)
      guard !isDropped, !entries[index].hasDetails || entries[index].rule.picks(count),
        let change = change(by: entries[index], subject, layout, after: acts)
      else { continue }
      acts.append(FaultAct(rule: entries[index].text, change))
      isDropped = change == .drop
    }
    return acts
  }

  /// What a rule that picks a frame does to it; nil if the dice are against it.
  private func change(
    by entry: Entry, _ subject: FaultSubject, _ layout: FrameLayout, after acts: [FaultAct]
  ) -> FaultAct.Change? {
    let probability = entry.rule.probability
    if probability == .never { return nil }
    let dice = FaultDice(seed: seed, ruleKey: entry.key, identity: subject.identity)
    if probability != .always, !probability.includes(dice.draw(.decision)) { return nil }
    switch entry.rule.action {
    case .drop: return .drop
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
