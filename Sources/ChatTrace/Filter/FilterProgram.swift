// A filter ready to run: a tree in an array.
//
// Comparisons of numbers, booleans, names and moments with literals, which most filters consist of,
// have become ranges of keys (see ScalarField), whatever the operator was: they are tested without
// an allocation. Everything else makes lists of values first; see FilterRelation.

/// A field whose values are keys.
enum KeyField: Hashable, Sendable {
  case scalar(ScalarField)
  case severity
  case because
  case causes(NoteClass)

  init?(_ field: Field) {
    switch field.source {
    case .scalar(let scalar): self = .scalar(scalar)
    case .note(.severity): self = .severity
    case .note(.because): self = .because
    case .note(.causes(let noteClass)): self = .causes(noteClass)
    case .note, .text, .payload, .group, .option, .summary: return nil
    }
  }
}

/// The keys of a field on an event, one after the other.
private struct KeyIterator {
  let field: KeyField
  private var note = 0
  private var cause = 0

  init(_ field: KeyField) { self.field = field }

  mutating func next(in event: TraceEvent) -> UInt64? {
    switch field {
    case .scalar(let scalar):
      guard note == 0 else { return nil }
      note = 1
      return scalar.key(in: event)
    case .severity:
      guard note < event.notes.count else { return nil }
      note += 1
      return UInt64(event.notes[note - 1].severity.rawValue)
    case .because: return nextCause(in: event, of: nil)
    case .causes(let noteClass): return nextCause(in: event, of: noteClass)
    }
  }

  private mutating func nextCause(in event: TraceEvent, of noteClass: NoteClass?) -> UInt64? {
    while note < event.notes.count {
      let isWanted = noteClass?.includes(event.notes[note].id) ?? true
      if isWanted, cause < event.notes[note].causes.count {
        cause += 1
        return event.notes[note].causes[cause - 1]
      }
      note += 1
      cause = 0
    }
    return nil
  }
}

/// A filter ready to run.
struct FilterProgram: Sendable {
  typealias Index = Int

  enum Node: Sendable {
    /// The empty filter.
    case always
    case not(Index)
    /// The nodes at some indices of `children`: all true, one true, an odd number true.
    case every(Range<Int>)
    case some(Range<Int>)
    case odd(Range<Int>)
    case scalarExists(ScalarField)
    case fieldExists(Index)
    /// A key lies in one range.
    case inRange(KeyField, ClosedRange<UInt64>)
    /// Any key, or each of at least one, lies in some of `ranges`.
    case inRanges(KeyField, FilterQuantifier, Range<Int>)
    /// Two keys of one type compare.
    case pair(ScalarField, FilterComparison, ScalarField)
    case relation(Index)
  }

  private var nodes: [Node] = []
  private var children: [Index] = []
  private var ranges: [ClosedRange<UInt64>] = []
  private var fields: [Field] = []
  private var relations: [FilterRelation] = []
  var root: Index = 0
  /// A field is used that needs the payload to be read; only known for arriving frames.
  var readsPayload = false

  // MARK: building

  mutating func add(_ node: Node) -> Index {
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func add(members: [Index], _ make: (Range<Int>) -> Node) -> Index {
    guard members.count != 1 else { return members[0] }
    let first = children.count
    children += members
    return add(make(first..<children.count))
  }

  mutating func addExistence(of field: Field) -> Index {
    if case .scalar(let scalar) = field.source, scalar != .ack { return add(.scalarExists(scalar)) }
    fields.append(field)
    return add(.fieldExists(fields.count - 1))
  }

  mutating func add(_ relation: FilterRelation) -> Index {
    relations.append(relation)
    return add(.relation(relations.count - 1))
  }

  mutating func add(
    _ field: KeyField, _ quantifier: FilterQuantifier, in wanted: [ClosedRange<UInt64>]
  ) -> Index {
    if wanted.count == 1, quantifier == .any { return add(.inRange(field, wanted[0])) }
    let first = ranges.count
    ranges += wanted
    return add(.inRanges(field, quantifier, first..<ranges.count))
  }

  // MARK: running

  /// True if the event passes.
  ///
  /// The depth of the recursion is bounded by that of the parser.
  func evaluate(_ index: Index, _ event: TraceEvent, _ payload: RawSpan) -> Bool {
    switch nodes[index] {
    case .always: return true
    case .not(let member): return !evaluate(member, event, payload)
    case .every(let members):
      for member in members where !evaluate(children[member], event, payload) { return false }
      return true
    case .some(let members):
      for member in members where evaluate(children[member], event, payload) { return true }
      return false
    case .odd(let members):
      var isOdd = false
      for member in members where evaluate(children[member], event, payload) { isOdd.toggle() }
      return isOdd
    case .scalarExists(let scalar): return scalar.key(in: event) != nil
    case .fieldExists(let field): return fields[field].exists(in: event, payload: payload)
    case .inRange(.scalar(let scalar), let range):
      guard let key = scalar.key(in: event) else { return false }
      return range.contains(key)
    case .inRange(let field, let range):
      var keys = KeyIterator(field)
      while let key = keys.next(in: event) {
        if range.contains(key) { return true }
      }
      return false
    case .inRanges(let field, let quantifier, let wanted):
      return isKey(field, quantifier, in: wanted, event)
    case .pair(let left, let comparison, let right):
      guard let left = left.key(in: event), let right = right.key(in: event) else { return false }
      return comparison.holds(FilterOrder(left, right))
    case .relation(let relation): return relations[relation].holds(event, payload)
    }
  }

  private func isKey(
    _ field: KeyField, _ quantifier: FilterQuantifier, in wanted: Range<Int>, _ event: TraceEvent
  ) -> Bool {
    var keys = KeyIterator(field)
    var hasKey = false
    while let key = keys.next(in: event) {
      hasKey = true
      var isWanted = false
      for index in wanted where ranges[index].contains(key) { isWanted = true }
      if isWanted != (quantifier == .all) { return isWanted }
    }
    return hasKey && quantifier == .all
  }
}
