extension LineEdit {
  /// A search in earlier lines, from the newest to the oldest.
  struct Search: Sendable {
    /// What is looked for.
    var wanted = ""
    /// The line that has it, and where in the line, in bytes.
    var found: (index: Int, offset: Int)?
    /// There is no (further) line that has it.
    var hasFailed = false
  }

  /// Does what a key means while earlier lines are searched; nil: the search is over, and the key
  /// is to do with the line what it does otherwise.
  mutating func handleInSearch(_ key: Key) -> Outcome? {
    switch key {
    case .character(let character):
      guard let search, search.wanted.utf8.count < 1_024 else { return .moved }
      look(for: search.wanted + String(character), before: search.found.map { $0.index + 1 })
      return .moved
    case .backspace, .control("h"):
      guard let search else { return nil }
      look(for: String(search.wanted.dropLast()), before: nil)
      return .moved
    case .control("r"):
      guard let search, let found = search.found else { return .moved }
      look(for: search.wanted, before: found.index)
      return .moved
    case .escape, .control("g"), .control("c"):
      search = nil
      return .moved
    case .enter:
      return takeFound() ? .changed : .moved
    case .function, .pageUp, .pageDown, .controlUp, .controlDown: return .unhandled
    default:
      _ = takeFound()
      return nil
    }
  }

  /// Ends a search, if there is one, with the line that was found.
  mutating func endSearch() {
    if search != nil { _ = takeFound() }
  }

  private mutating func look(for wanted: String, before end: Int?) {
    guard var search else { return }
    search.wanted = wanted
    if let found = history.last(before: end ?? history.lines.count, with: wanted) {
      search.found = found
      search.hasFailed = false
    } else {
      // What was found before stays to be seen.
      search.hasFailed = !wanted.isEmpty
      if wanted.isEmpty { search.found = nil }
    }
    self.search = search
  }

  /// Ends the search with the line that was found; false if there is none.
  private mutating func takeFound() -> Bool {
    defer { search = nil }
    guard let index = search?.found?.index, history.lines.indices.contains(index) else {
      return false
    }
    if recalled == nil { draft = (before, after) }
    recalled = index
    show(history.lines[index])
    return true
  }
}
