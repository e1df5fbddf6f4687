internal import ChatWire

extension FaultMenu {
  /// Does what a key means.
  public mutating func handle(_ key: Key) -> Outcome {
    message = nil
    if let typed, let outcome = handle(key, typing: typed) { return outcome }
    typed = nil
    switch key {
    case .up, .character("k"): return select(selection - 1)
    case .down, .character("j"): return select(selection + 1)
    case .home, .pageUp: return select(0)
    case .end, .pageDown: return select(lines.count - 1)
    case .tab, .backTab:
      direction = direction == .clientToServer ? .serverToClient : .clientToServer
      return .none
    case .left, .character("h"), .character("-"): return change(up: false)
    case .right, .character("l"), .character("+"), .character("="): return change(up: true)
    case .enter, .character(" "):
      guard case .shot(let shot) = line else { return .none }
      return toggle(shot, direction)
    case .delete, .backspace, .character("x"): return delete()
    case .character("r"): return reset()
    case .escape, .character("q"): return .closed
    case .character(let character): return handle(character)
    default: return .unhandled
    }
  }

  /// Does what a key means while a number is typed; nil: the number is given up, and the key is to
  /// do what it does otherwise.
  private mutating func handle(_ key: Key, typing typed: String) -> Outcome? {
    switch key {
    case .character(let character) where Self.isOfNumber(character):
      // Nine decimals and a point are the most that means something.
      if typed.utf8.count < 13 { self.typed = typed + String(character) }
      return Outcome.none
    case .backspace:
      self.typed = typed.utf8.count > 1 ? String(typed.dropLast()) : nil
      return Outcome.none
    case .escape:
      self.typed = nil
      return Outcome.none
    case .enter:
      self.typed = nil
      guard case .amount(let row) = line else { return Outcome.none }
      return set(row, to: typed)
    default: return nil
    }
  }

  /// A digit begins a number, a letter may be a shot's.
  private mutating func handle(_ character: Character) -> Outcome {
    if Self.isOfNumber(character), case .amount = line {
      typed = String(character)
      return .none
    }
    for shot in FaultShot.allCases {
      if character == shot.letter { return toggle(shot, .clientToServer) }
      if String(character) == shot.letter.uppercased() { return toggle(shot, .serverToClient) }
    }
    return .unhandled
  }

  private static func isOfNumber(_ character: Character) -> Bool {
    "0"..."9" ~= character && character.isASCII || character == "."
  }

  private mutating func select(_ index: Int) -> Outcome {
    selection = max(0, min(index, lines.count - 1))
    return .none
  }

  /// Raises or lowers an amount; between shots, goes to the other direction.
  private mutating func change(up isUp: Bool) -> Outcome {
    switch line {
    case .amount(let row):
      guard let number = row.step(from: amount(of: row, direction), up: isUp) else {
        return .none
      }
      return set(row, to: number)
    case .shot:
      direction = isUp ? .serverToClient : .clientToServer
      return .none
    case .other: return .none
    }
  }

  /// Does what the mouse means, on the menu as it is drawn in an area.
  public mutating func handle(_ mouse: MouseInput, in area: Area) -> Outcome {
    (typed, message) = (nil, nil)
    let layout = FaultMenuLayout(self, in: area)
    guard layout.box.contains(row: mouse.row, column: mouse.column),
      let row = layout.rows.first(where: { $0.row == mouse.row }), case .line(let index) = row.kind
    else {
      return mouse.action == .press
        ? .none : select(selection + (mouse.action == .wheelUp ? -1 : 1))
    }
    selection = index
    let cell = layout.cell(at: mouse.column)
    if let cell { direction = cell.direction }
    switch (line, mouse.action) {
    case (.amount, .wheelUp): return change(up: true)
    case (.amount, .wheelDown): return change(up: false)
    case (.amount, .press):
      guard let cell, cell.offset < FaultMenuLayout.amountWidth else { return .none }
      return change(up: cell.offset >= FaultMenuLayout.amountWidth / 2)
    case (.shot(let shot), .press):
      return cell == nil ? .none : toggle(shot, direction)
    default: return .none
    }
  }
}
