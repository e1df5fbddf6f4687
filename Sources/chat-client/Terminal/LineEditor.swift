internal import CEdit
internal import ChatPosix

/// One line that is typed at a prompt at the bottom of the terminal, by libedit.
///
/// libedit reads and draws by itself, so that nothing could be shown while somebody types. Here it
/// asks `nextScalar` for each character, which may wait for other things too and call `hide` and
/// `draw` around what it writes; and what it draws goes to memory first, so that everything is
/// written in order, and at once.
///
/// Everything is called from one thread.
final class LineEditor {
  /// What a call of `readLine` came to.
  enum Line: Equatable {
    case text(String)
    /// Ctrl-D on an empty line.
    case endOfFile
    /// `nextScalar` said so.
    case interrupted
  }

  private let editor: OpaquePointer
  private let history: OpaquePointer?
  private let stream = CapturedStream()
  private let descriptor: Int32
  private var output: [UInt8] = []
  private var standIns = GraphemeStandIns()
  private var promptScalars: [Unicode.Scalar] = []
  private var promptBuffer: UnsafeMutablePointer<wchar_t>?
  private var isDrawn = false

  /// Waits for the next character that is typed; nil to give up.
  var nextScalar: () -> Unicode.Scalar? = { nil }
  /// Looks for what a beginning of a line could become.
  var complete: (String) -> Completion? = { _ in nil }

  /// Prepares a terminal; nil if it is none, or there is no memory.
  ///
  /// - Parameter terminalName: what it is, in place of what the environment says.
  init?(input: Int32, output: Int32, terminalName: String? = nil) {
    Terminal.useUTF8()
    guard Terminal.isTerminal(input), Terminal.isTerminal(output), let file = stream.file,
      let editor = cedit_open(input, output, file)
    else { return nil }
    self.editor = editor
    descriptor = output
    history = cedit_open_history(editor, Int32(HistoryFile.linesMax))
    if let terminalName { cedit_set_terminal(editor, terminalName) }
    cedit_set_context(editor, Unmanaged.passUnretained(self).toOpaque())
    cedit_set_prompt(editor, promptOfEditor)
    cedit_set_reader(editor, readScalar)
    cedit_use_emacs_keys(editor)
    cedit_stay_raw_between_lines(editor)
    bindKeys()
  }

  deinit {
    el_end(editor)
    if let history { history_wend(history) }
    flush()
    promptBuffer?.deallocate()
  }

  private func bindKeys() {
    cedit_add_completion(editor, completeLine)
    cedit_add_deletion(editor, deleteOrEnd)
    for (key, command) in LineEditorKeys.all { cedit_bind(editor, key, command) }
  }

  // MARK: lines

  /// Reads a line, and leaves the terminal as if nothing had been typed: who wants the line to be
  /// seen has to show it.
  func readLine() -> Line {
    var count: Int32 = 0
    isDrawn = true
    let line = el_wgets(editor, &count)
    isDrawn = false
    guard let line, count > 0 else {
      // The cursor still is in the line.
      erase(rowsAbove: layout.row)
      return count == 0 ? .endOfFile : .interrupted
    }
    var scalars = scalars(line, line + Int(count))
    if scalars.last == "\n" || scalars.last == "\r" { scalars.removeLast() }
    // It is below the line now.
    erase(rowsAbove: PromptLayout(columns: columns, promptScalars + scalars).row + 1)
    return .text(standIns.decoded(scalars))
  }

  /// Remembers a line, to be found by the cursor keys.
  func remember(_ line: String) {
    guard let history else { return }
    withWideString(standIns.encoded(line)) { cedit_remember(history, $0) }
  }

  /// What stands before the line; seen when it is drawn next.
  var prompt = "" {
    didSet {
      promptBuffer?.deallocate()
      promptBuffer = nil
    }
  }

  /// True if nothing is typed.
  var isEmpty: Bool { bufferScalars.isEmpty }

  /// Forgets what is typed.
  func clearLine() {
    let wasDrawn = hide()
    let count = Int32(bufferScalars.count)
    _ = el_cursor(editor, count)
    el_deletestr(editor, count)
    if wasDrawn { draw() }
  }

  // MARK: around the line

  /// Takes the prompt and the line off the terminal, to write something there; returns whether they
  /// were there, and then `draw` is to follow.
  func hide() -> Bool {
    guard isDrawn else { return false }
    erase(rowsAbove: layout.row)
    isDrawn = false
    return true
  }

  /// Draws the prompt and the line again, from where the cursor is.
  func draw() {
    isDrawn = true
    cedit_draw(editor)
    collect()
  }

  /// Writes text behind what was drawn.
  func write(_ text: String) {
    collect()
    output += text.utf8
  }

  /// Brings everything that was drawn and written to the terminal.
  func flush() {
    collect()
    guard !output.isEmpty else { return }
    // A terminal that is gone is noticed when it is read.
    try? writeAll(output, to: descriptor)
    output.removeAll(keepingCapacity: true)
  }

  /// The terminal has another size.
  func resize() {
    // Terminals that fold their lines anew have the line in other rows already. Where it ends with
    // a row, the cursor may still be there: rather leave a row too many than take one of the
    // conversation.
    let place = layout
    let isAtEdge = place.column == 0 && place.row > 0
    let wasDrawn = isDrawn
    if wasDrawn { erase(rowsAbove: place.row - (isAtEdge ? 1 : 0)) }
    el_resize(editor)
    if wasDrawn { draw() }
  }

  /// Gives the terminal the modes for typing, or those that it has while a line is worked on.
  func setRaw(_ isRaw: Bool) {
    cedit_set_raw(editor, isRaw ? 1 : 0)
  }

  // MARK: what libedit knows

  private var columns: Int { Terminal.columns(descriptor) ?? 80 }

  private var lineInfo: LineInfoW? { el_wline(editor)?.pointee }

  /// All that is typed.
  private var bufferScalars: [Unicode.Scalar] {
    lineInfo.map { scalars($0.buffer, $0.lastchar) } ?? []
  }

  /// What is typed before the cursor.
  private var scalarsBeforeCursor: [Unicode.Scalar] {
    lineInfo.map { scalars($0.buffer, $0.cursor) } ?? []
  }

  private func scalars(
    _ start: UnsafePointer<wchar_t>?, _ end: UnsafePointer<wchar_t>?
  ) -> [Unicode.Scalar] {
    guard let start, let end, end > start else { return [] }
    return UnsafeBufferPointer(start: start, count: end - start).map {
      Unicode.Scalar(UInt32(bitPattern: $0)) ?? "\u{FFFD}"
    }
  }

  private var layout: PromptLayout {
    PromptLayout(columns: columns, promptScalars + scalarsBeforeCursor)
  }

  /// Clears from so many rows above the cursor to the end of the screen.
  private func erase(rowsAbove count: Int) {
    let count = min(count, max(0, (Terminal.rows(descriptor) ?? 24) - 1))
    write(count > 0 ? "\r\u{1b}[\(count)A\u{1b}[J" : "\r\u{1b}[J")
  }

  private func collect() {
    let drawn = stream.take()
    if !drawn.isEmpty { output += standIns.shown(drawn) }
  }

  private func withWideString<Result>(
    _ scalars: [Unicode.Scalar], _ body: (UnsafePointer<wchar_t>?) -> Result
  ) -> Result {
    (scalars.map(\.wide) + [0]).withUnsafeBufferPointer { body($0.baseAddress) }
  }

  // MARK: what libedit asks for

  fileprivate func promptForEditor() -> UnsafeMutablePointer<wchar_t>? {
    if let promptBuffer { return promptBuffer }
    promptScalars = standIns.encoded(prompt)
    let buffer = UnsafeMutablePointer<wchar_t>.allocate(capacity: promptScalars.count + 1)
    for (index, character) in (promptScalars.map(\.wide) + [0]).enumerated() {
      (buffer + index).initialize(to: character)
    }
    promptBuffer = buffer
    return buffer
  }

  fileprivate func readForEditor(_ place: UnsafeMutablePointer<wchar_t>) -> Int32 {
    guard let scalar = nextScalar() else { return 0 }
    place.pointee = edited(scalar).wide
    return 1
  }

  /// What libedit gets for a character that was typed.
  private func edited(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard scalar.value >= 0x80 else { return scalar }
    let before = scalarsBeforeCursor
    // While history is searched, what is searched for stands behind a newline.
    if let last = before.last, !bufferScalars.contains("\n"),
      let joined = standIns.joined(last, scalar)
    {
      let wasDrawn = hide()
      el_deletestr(editor, 1)
      if wasDrawn { draw() }
      return joined
    }
    return standIns.standIn(for: Character(scalar)) ?? scalar
  }

  fileprivate func completeForEditor() -> UInt8 {
    let before = standIns.decoded(scalarsBeforeCursor)
    guard let completion = complete(before) else { return UInt8(CC_ERROR) }
    if let replacement = completion.replacement {
      // A character before the cursor is one scalar, or else several that no stand-in stands for.
      let replaced = standIns.encoded(String(before.suffix(completion.replacedCount)))
      el_deletestr(editor, Int32(replaced.count))
      withWideString(standIns.encoded(replacement)) { _ = el_winsertstr(editor, $0) }
      return UInt8(CC_REFRESH)
    }
    guard completion.candidates.count > 1 else { return UInt8(CC_ERROR) }
    let wasDrawn = hide()
    for line in CandidateList.lines(completion.candidates, columns: columns) {
      write(line + "\r\n")
    }
    if wasDrawn { draw() }
    return UInt8(CC_NORM)
  }

  fileprivate func deleteForEditor() -> UInt8 {
    guard let line = lineInfo, line.buffer != line.lastchar else { return UInt8(CC_EOF) }
    guard line.cursor != line.lastchar else { return UInt8(CC_ERROR) }
    _ = el_cursor(editor, 1)
    el_deletestr(editor, 1)
    return UInt8(CC_REFRESH)
  }
}

// MARK: what libedit calls

private func lineEditor(_ editor: OpaquePointer?) -> LineEditor? {
  cedit_context(editor).map { Unmanaged<LineEditor>.fromOpaque($0).takeUnretainedValue() }
}

private func promptOfEditor(_ editor: OpaquePointer?) -> UnsafeMutablePointer<wchar_t>? {
  lineEditor(editor)?.promptForEditor()
}

private func readScalar(
  _ editor: OpaquePointer?, _ place: UnsafeMutablePointer<wchar_t>?
) -> Int32 {
  guard let place else { return 0 }
  return lineEditor(editor)?.readForEditor(place) ?? 0
}

private func completeLine(_ editor: OpaquePointer?, _ character: Int32) -> UInt8 {
  lineEditor(editor)?.completeForEditor() ?? UInt8(CC_ERROR)
}

private func deleteOrEnd(_ editor: OpaquePointer?, _ character: Int32) -> UInt8 {
  lineEditor(editor)?.deleteForEditor() ?? UInt8(CC_EOF)
}
