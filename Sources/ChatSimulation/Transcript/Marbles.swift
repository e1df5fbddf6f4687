internal import ChatWire

/// The frames of one direction as marbles: a column for each frame that was sent, what became of
/// it, and what the receiver answered.
///
///     client  D0 D1 D2 T  D1
///     link    .  X  .     .
///     server  A0    N1    A1
///
/// `T` is a timer that ran out; an answer in parentheses was lost on its way back.
struct Marbles: Sendable {
  private struct Answer: Sendable {
    var text: String
    var isLost = false
  }

  private struct Column: Sendable {
    var frame: String
    /// What the fault injector calls it.
    var number: UInt64 = 0
    var link = ""
    var answers: [Answer] = []
  }

  /// More columns are not drawn.
  private static let columnsMax = 400

  private let direction: Direction
  private var columns: [Column] = []
  /// The columns of the frames on the line; nil for those that have none.
  private var onLine: [Int?] = []
  /// The answers on the line back.
  private var answersOnLine: [(column: Int, answer: Int)?] = []
  /// The column that the receiver answers now, and since when.
  private var current: (column: Int, time: Instant)?
  /// The first number of each sender, once known.
  private var firstSequence: UInt16?

  init(_ direction: Direction) { self.direction = direction }

  // MARK: this direction

  mutating func sent(_ transmission: Transmission) {
    let type = transmission.type
    if type == .syn || type == .synAck, firstSequence == nil {
      firstSequence = transmission.sequence.rawValue &+ 1
    }
    guard let letter = Self.letter(type), columns.count < Self.columnsMax else {
      onLine.append(nil)
      return
    }
    if transmission.cause == .timeout { columns.append(Column(frame: "T")) }
    var label = letter
    if type.isSequenced {
      label += "\(transmission.sequence.rawValue &- (firstSequence ?? 0))"
    }
    onLine.append(columns.count)
    columns.append(Column(frame: label))
  }

  mutating func overflowed() {
    guard let column = onLine.popLast() ?? nil else { return }
    columns[column].link = "X"
  }

  mutating func arrived(_ fate: SimulatedFate) {
    guard !onLine.isEmpty, let column = onLine.removeFirst() else { return }
    columns[column].number = fate.number
    columns[column].link =
      switch fate.disposition {
      case .forwarded: "."
      case .dropped: "X"
      case .corrupted: "~"
      case .delayed: ">"
      case .duplicated: "2"
      case .reordered: ">"
      }
  }

  /// A frame reaches the receiver: what that sends at this moment answers it.
  mutating func forwarded(_ number: UInt64, at now: Instant) {
    current = columns.lastIndex { $0.number == number }.map { ($0, now) }
  }

  // MARK: the other direction

  mutating func answered(_ transmission: Transmission, at now: Instant) {
    guard let current, current.time == now,
      let text = answerText(transmission)
    else {
      answersOnLine.append(nil)
      return
    }
    answersOnLine.append((current.column, columns[current.column].answers.count))
    columns[current.column].answers.append(Answer(text: text))
  }

  mutating func answerArrived(isLost: Bool) {
    guard !answersOnLine.isEmpty, let place = answersOnLine.removeFirst() else { return }
    columns[place.column].answers[place.answer].isLost = isLost
  }

  mutating func answerOverflowed() {
    guard let place = answersOnLine.popLast() ?? nil else { return }
    columns[place.column].answers[place.answer].isLost = true
  }

  private func answerText(_ transmission: Transmission) -> String? {
    let number = Int(
      Int16(truncatingIfNeeded: Int(transmission.sequence.rawValue) - Int(firstSequence ?? 0)))
    return switch transmission.type {
    case .ack: "A\(number)"
    case .nack: "N\(number)"
    case .synAck: "SA"
    case .handshakeAck: "H"
    case .pong: "PO"
    case .error: "E"
    default: nil
    }
  }

  /// The letter of a frame that has a column of its own.
  private static func letter(_ type: FrameType) -> String? {
    switch type {
    case .syn: "S"
    case .synAck: "SA"
    case .handshakeAck: "H"
    case .ping: "PI"
    case .data: "D"
    case .fin: "F"
    case .nick: "K"
    case .who: "W"
    case .roster: "R"
    case .notice: "O"
    default: nil
    }
  }

  // MARK: the picture

  /// Three lines, or as many times three as it takes; none if nothing was sent.
  func drawing() -> String {
    var result = ""
    var from = 0
    while from < columns.count {
      var rows = [
        pad(direction.sender.name, 8), pad("link", 8), pad(direction.receiver.name, 8),
      ]
      var index = from
      while index < columns.count {
        let cells = [columns[index].frame, columns[index].link, answers(columns[index])]
        let width = (cells.map(\.utf8.count).max() ?? 0) + 1
        if index > from, rows[0].utf8.count + width > 100 { break }
        for row in 0..<3 { rows[row] += pad(cells[row], width) }
        index += 1
      }
      if from > 0 { result += "\n" }
      for row in rows {
        result += String(row.reversed().drop { $0 == " " }.reversed()) + "\n"
      }
      from = index
    }
    return result
  }

  private func answers(_ column: Column) -> String {
    column.answers.map { $0.isLost ? "(\($0.text))" : $0.text }.joined(separator: ",")
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
}
