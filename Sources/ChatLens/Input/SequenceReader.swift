/// Reads one sequence that begins with Escape and `[` or `O`: what keys without a character, the
/// mouse and the window send.
struct SequenceReader {
  /// Longer sequences are none.
  private static let limit = 64

  /// What was held down.
  struct Modifiers {
    var isShift = false
    var isAlt = false
    var isControl = false

    /// Reads xterm's parameter: 1 and a bit for each.
    mutating func add(_ parameter: Int) {
      let bits = max(0, parameter - 1)
      isShift = isShift || bits & 1 != 0
      isAlt = isAlt || bits & (2 | 8) != 0
      isControl = isControl || bits & 4 != 0
    }
  }

  let bytes: [UInt8]
  private let isAlone: Bool
  private var modifiers = Modifiers()

  init(bytes: [UInt8], isAlt: Bool, isAlone: Bool) {
    self.bytes = bytes
    self.isAlone = isAlone
    modifiers.isAlt = isAlt
  }

  /// Reads the sequence whose `[` or `O` is at a place, behind so many Escapes.
  func step(at index: Int, _ escapes: Int) -> KeyDecoder.Step {
    let begin = index - escapes
    let first = index + 1
    guard first < bytes.count else {
      let letter = Character(Unicode.Scalar(bytes[index]))
      return isAlone ? .key(.alt(letter), first - begin) : .incomplete
    }
    if bytes[index] == KeyDecoder.Byte.letterO { return applicationStep(first, begin) }
    switch bytes[first] {
    case UInt8(ascii: "["): return consoleStep(first, begin)
    case UInt8(ascii: "M"): return oldMouseStep(first, begin)
    default: break
    }
    var end = first
    while true {
      guard end < bytes.count else {
        return end - begin > Self.limit ? .nothing(count: end - begin) : .incomplete
      }
      let byte = bytes[end]
      // rxvt's Shift ends with a sign that is in the middle of other sequences.
      let isShiftEnd = byte == UInt8(ascii: "$") && (0x30...0x39).contains(bytes[first])
      if (0x40...0x7E).contains(byte) || isShiftEnd { break }
      // Broken off: what comes here is something of its own.
      guard (0x20...0x3F).contains(byte), end - begin <= Self.limit else {
        return .nothing(count: end - begin)
      }
      end += 1
    }
    let count = end + 1 - begin
    let parameters = bytes[first..<end]
    if parameters.first == UInt8(ascii: "<") {
      return mouseStep(Self.numbers(parameters.dropFirst()), bytes[end], count)
    }
    guard parameters.allSatisfy({ (0x30...0x3B).contains($0) }) else {
      return .nothing(count: count)
    }
    return step(numbers: Self.numbers(parameters), end: bytes[end], count)
  }

  private static func numbers(_ parameters: ArraySlice<UInt8>) -> [Int] {
    parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { part in
      part.prefix(7).reduce(0) {
        (0x30...0x39).contains($1) ? $0 * 10 + Int($1 & 0x0F) : $0
      }
    }
  }

  private func step(numbers: [Int], end: UInt8, _ count: Int) -> KeyDecoder.Step {
    var modifiers = modifiers
    let number = numbers.first ?? 0
    switch end {
    case UInt8(ascii: "~"):
      if number == 200 { return .pasteBegin(count: count) }
      // xterm's modifyOtherKeys.
      if number == 27, numbers.count == 3 {
        modifiers.add(numbers[1])
        return written(numbers[2], modifiers, count)
      }
    case UInt8(ascii: "^"), UInt8(ascii: "@"): modifiers.isControl = true
    case UInt8(ascii: "$"): break
    case UInt8(ascii: "u"):
      if numbers.count > 1 { modifiers.add(numbers[1]) }
      return written(number, modifiers, count)
    case UInt8(ascii: "M"):
      guard numbers.count == 3 else { return .nothing(count: count) }
      return mouseStep([number - 32, numbers[1], numbers[2]], end, count)
    case UInt8(ascii: "I"), UInt8(ascii: "O"):
      return number == 0
        ? .input(.focus(end == UInt8(ascii: "I")), count: count) : .nothing(count: count)
    default:
      if let modifier = numbers.count > 1 ? numbers[1] : numbers.first { modifiers.add(modifier) }
      return key(end, modifiers).map { .key($0, count) } ?? .nothing(count: count)
    }
    if numbers.count > 1 { modifiers.add(numbers[1]) }
    return Self.numbered(number).map { .key($0, count) } ?? .nothing(count: count)
  }
}

// MARK: - Keys

extension SequenceReader {
  /// The key that a letter stands for.
  private func key(_ letter: UInt8, _ modifiers: Modifiers) -> Key? {
    func arrow(_ plain: Key, _ alt: Key, _ control: Key) -> Key {
      modifiers.isControl ? control : modifiers.isAlt ? alt : plain
    }
    // Small letters are rxvt's arrows with Shift.
    return switch Character(Unicode.Scalar(letter)) {
    case "A", "a": arrow(.up, .altUp, .controlUp)
    case "B", "b": arrow(.down, .altDown, .controlDown)
    case "C", "c": arrow(.right, .altRight, .controlRight)
    case "D", "d": arrow(.left, .altLeft, .controlLeft)
    case "H": .home
    case "F": .end
    case "Z": .backTab
    case "P": .function(1)
    case "Q": .function(2)
    case "R": .function(3)
    case "S": .function(4)
    default: nil
    }
  }

  /// The key that a number stands for.
  private static func numbered(_ number: Int) -> Key? {
    switch number {
    case 1, 7: .home
    case 2: .insert
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23, 24: .function(number - 12)
    default: nil
    }
  }

  /// The key of a character that came as a number.
  private func written(_ number: Int, _ modifiers: Modifiers, _ count: Int) -> KeyDecoder.Step {
    guard let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) else {
      return .nothing(count: count)
    }
    switch number {
    case 9: return .key(modifiers.isShift ? .backTab : .tab, count)
    case 13: return .key(modifiers.isAlt ? .altEnter : .enter, count)
    case 27: return .key(.escape, count)
    case 8, 127: return .key(modifiers.isAlt ? .altBackspace : .backspace, count)
    default: break
    }
    guard !KeyDecoder.isControl(scalar) else { return .nothing(count: count) }
    let character = Character(scalar)
    if modifiers.isControl, (0x40...0x7E).contains(number) {
      let isCapital = (0x41...0x5A).contains(number)
      let small = isCapital ? Unicode.Scalar(UInt8(number) | 0x20) : scalar
      return .key(.control(Character(small)), count)
    }
    return .key(modifiers.isAlt ? .alt(character) : .character(character), count)
  }

  /// The Linux console's F1 to F5: `[` and a letter.
  private func consoleStep(_ first: Int, _ begin: Int) -> KeyDecoder.Step {
    guard first + 1 < bytes.count else { return .incomplete }
    let letter = bytes[first + 1]
    let count = first + 2 - begin
    guard (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(letter) else {
      return .nothing(count: count)
    }
    return .key(.function(Int(letter - UInt8(ascii: "A")) + 1), count)
  }

  /// Behind `O`: arrows in application mode, F1 to F4, the keypad, and rxvt's Ctrl with arrows.
  private func applicationStep(_ first: Int, _ begin: Int) -> KeyDecoder.Step {
    var modifiers = modifiers
    var index = first
    while index < bytes.count, (0x30...0x3B).contains(bytes[index]), index - first < 4 {
      index += 1
    }
    guard index < bytes.count else { return .incomplete }
    if let modifier = Self.numbers(bytes[first..<index]).last { modifiers.add(modifier) }
    let letter = bytes[index]
    // Something of its own.
    guard (0x20...0x7E).contains(letter) else { return .nothing(count: index - begin) }
    let count = index + 1 - begin
    switch letter {
    case UInt8(ascii: "a")...UInt8(ascii: "d"): modifiers.isControl = true
    case UInt8(ascii: "M"): return .key(modifiers.isAlt ? .altEnter : .enter, count)
    case UInt8(ascii: "I"): return .key(.tab, count)
    case UInt8(ascii: "X"): return .key(.character("="), count)
    case UInt8(ascii: "j")...UInt8(ascii: "y"):
      // The keypad's signs come as letters, in the order of ASCII.
      return .key(.character(Character(Unicode.Scalar(letter - 0x40))), count)
    default: break
    }
    return key(letter, modifiers).map { .key($0, count) } ?? .nothing(count: count)
  }
}

// MARK: - Mouse

extension SequenceReader {
  /// Three numbers: what was done, the column and the row, both from 1.
  private func mouseStep(_ numbers: [Int], _ end: UInt8, _ count: Int) -> KeyDecoder.Step {
    guard numbers.count == 3, end == UInt8(ascii: "M"), numbers[1] >= 1, numbers[2] >= 1 else {
      return .nothing(count: count)
    }
    // Without the bits for Shift, Alt and Ctrl.
    let action: MouseInput.Action
    switch numbers[0] & ~0b1_1100 {
    case 0: action = .press
    case 64: action = .wheelUp
    case 65: action = .wheelDown
    // A release, another button, or a movement.
    default: return .nothing(count: count)
    }
    let mouse = MouseInput(action, row: numbers[2] - 1, column: numbers[1] - 1)
    return .input(.mouse(mouse), count: count)
  }

  /// As terminals without SGR coordinates say it: three bytes.
  private func oldMouseStep(_ first: Int, _ begin: Int) -> KeyDecoder.Step {
    guard first + 3 < bytes.count else { return .incomplete }
    let numbers = bytes[(first + 1)...(first + 3)].map { Int($0) - 32 }
    return mouseStep(numbers, UInt8(ascii: "M"), first + 4 - begin)
  }
}
