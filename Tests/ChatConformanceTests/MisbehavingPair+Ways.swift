import ChatWire

// Ways of doing something wrong, in words that the cases are written in.

extension MisbehavingPair {
  /// The culprit leaves out the nth frame of a type.
  func omit(_ type: FrameType, nth: Int) {
    replace(type, nth: nth) { _ in [] }
  }

  /// The culprit leaves out several frames of a type in a row.
  func omit(_ type: FrameType, _ numbers: ClosedRange<Int>) {
    // Those behind the first one that is left out move up.
    for _ in numbers { omit(type, nth: numbers.lowerBound) }
  }

  /// The culprit leaves out all frames for which this is true.
  func omit(where isOmitted: @escaping (WireFrame) -> Bool) {
    let before = mutate
    mutate = { frame in before(frame).filter { !isOmitted($0) } }
  }

  /// The culprit changes the nth frame of a type, which breaks a rule.
  func change(_ type: FrameType, nth: Int, _ body: @escaping (inout WireFrame) -> Void) {
    replace(type, nth: nth) { frame in
      var frame = frame
      body(&frame)
      return [frame.wrong]
    }
  }

  /// The culprit changes all frames of a type, which breaks a rule.
  func changeAll(_ type: FrameType, _ body: @escaping (inout WireFrame) -> Void) {
    let before = mutate
    mutate = { frame in
      before(frame).map { frame in
        guard frame.type == type else { return frame }
        var frame = frame
        body(&frame)
        return frame.wrong
      }
    }
  }

  /// The culprit sends something after the nth frame of a type, which breaks a rule.
  func add(after type: FrameType, nth: Int, _ body: @escaping (WireFrame) -> WireFrame) {
    replace(type, nth: nth) { frame in [frame, body(frame).wrong] }
  }

  /// The culprit sends something in the place of the nth frame of a type.
  func replace(_ type: FrameType, nth: Int, _ body: @escaping (WireFrame) -> [WireFrame]) {
    let before = mutate
    var count = 0
    mutate = { frame in
      before(frame).flatMap { frame in
        guard frame.type == type else { return [frame] }
        count += 1
        return count == nth ? body(frame) : [frame]
      }
    }
  }

  /// The culprit does not notice frames for which this is true.
  func ignore(where isIgnored: @escaping (WireFrame) -> Bool) {
    let before = intake
    intake = { frame in before(frame).flatMap { isIgnored($0) ? nil : $0 } }
  }

  // MARK: the line

  /// The line loses the nth frame of a type in a direction.
  func lose(_ type: FrameType, nth: Int, _ direction: Direction) {
    treat(type, nth: nth, direction) { _ in [] }
  }

  /// The line damages it.
  func damage(_ type: FrameType, nth: Int, _ direction: Direction) {
    treat(type, nth: nth, direction) { frame in
      var frame = frame
      frame.isDamaged = true
      return [frame]
    }
  }

  /// The line doubles it.
  func double(_ type: FrameType, nth: Int, _ direction: Direction) {
    treat(type, nth: nth, direction) { [$0, $0] }
  }

  private func treat(
    _ type: FrameType, nth: Int, _ direction: Direction,
    _ body: @escaping (WireFrame) -> [WireFrame]
  ) {
    let before = line
    var count = 0
    line = { way, number, frame in
      let passed = before(way, number, frame)
      guard way == direction, frame.type == type else { return passed }
      count += 1
      return count == nth ? passed.flatMap(body) : passed
    }
  }

  // MARK: conversations

  /// The client says so many things at once, and goodbye when all is quiet.
  func talk(_ count: Int = 6, byteCount: Int = 40, from side: Session.Role = .client) {
    at(100) { pair in
      for number in 1...count {
        let text = "message \(number) "
        pair.say(
          side, text + String(repeating: "x", count: max(0, byteCount - text.utf8.count)))
      }
    }
    at(5_000) { $0.finish(.client) }
  }
}
