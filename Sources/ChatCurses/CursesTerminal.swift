// A canvas becomes the screen of a terminal. ncurses knows what the terminal shows and sends the
// difference; keys are read without it, by KeyDecoder.

public import ChatLens
internal import ChatPosix
internal import CNcurses

/// A terminal on which ncurses paints.
///
/// There can be one in a process, used by one thread. Poll the input descriptor, for at most
/// `pendingDelayNanoseconds` if that is not nil, and call `readInputs` whatever woke the poll. The
/// signals SIGWINCH, SIGTSTP and SIGCONT are for the program to catch: `resize`, `suspend` and
/// `resume` are what to do then. However the process ends, by `close` or by a crash, the terminal
/// is as it was before.
public final class CursesTerminal {
  /// Rows of the terminal.
  public private(set) var rows: Int
  /// Columns of the terminal.
  public private(set) var columns: Int
  /// Nothing more comes from the terminal: it is gone.
  public private(set) var isInputEnded = false

  private let input: Int32
  private let output: Int32
  private let options: CursesOptions
  private let modes: TerminalModes
  private let screen: OpaquePointer
  private let reports: Reports
  private var crashGuard: TerminalCrashGuard?
  private var decoder = KeyDecoder()
  /// When something was read last, by the monotonic clock.
  private var readAt: Int64 = 0
  /// What was painted last; nil: nobody knows what the terminal shows.
  private var painted: Canvas?
  private var isOpen = true
  private var isSuspended = false

  /// Takes a terminal: from now on it shows what is painted, and keys are not echoed.
  public static func open(
    input: Int32 = 0, output: Int32 = 1, terminalName: String? = nil, options: CursesOptions
  ) throws(CursesError) -> CursesTerminal {
    Terminal.useUTF8()
    guard Terminal.isTerminal(input), Terminal.isTerminal(output),
      let modes = TerminalModes(of: input)
    else { throw .noTerminal }
    let name = terminalName ?? environmentVariable("TERM") ?? ""
    guard cncurses_knows(name, output) != 0 else { throw .unknown(name: name) }
    guard let screen = cncurses_open(name, output, input) else { throw .refused }
    return CursesTerminal(input, output, options, modes, screen)
  }

  private init(
    _ input: Int32, _ output: Int32, _ options: CursesOptions, _ modes: TerminalModes,
    _ screen: OpaquePointer
  ) {
    self.input = input
    self.output = output
    self.options = options
    self.modes = modes
    self.screen = screen
    rows = Terminal.rows(output) ?? 24
    columns = Terminal.columns(output) ?? 80
    reports = Reports(options, Self.string("kmous"))
    cbreak()
    noecho()
    nonl()
    TerminalModes.turnFlowControlOff(on: input)
    def_prog_mode()
    // What is typed does not cut a painting short.
    typeahead(-1)
    idlok(cncurses_window(), true)
    idcok(cncurses_window(), false)
    if options.color, has_colors() {
      start_color()
      let background: Int16 = use_default_colors() == OK ? -1 : Int16(COLOR_BLACK)
      for color in CellStyle.Color.allCases where color != .standard {
        init_pair(Int16(color.rawValue), color.number, background)
      }
    }
    let farewell =
      reports.off + ["rmcup", "cnorm", "sgr0", "op"].flatMap { Array(Self.string($0).utf8) }
    crashGuard = TerminalCrashGuard(modes, farewell: farewell)
    send(reports.on)
    fitSize()
  }

  deinit {
    close()
  }

  /// Gives the terminal back as it was.
  public func close() {
    guard isOpen else { return }
    suspend()
    isOpen = false
    delscreen(screen)
    crashGuard = nil
  }

  /// Gives the terminal back for a while.
  public func suspend() {
    guard isOpen, !isSuspended else { return }
    isSuspended = true
    send(reports.off)
    curs_set(1)
    endwin()
    modes.restore()
  }

  /// Takes the terminal again, after `suspend` or because somebody else has used it.
  public func resume() {
    guard isOpen else { return }
    isSuspended = false
    reset_prog_mode()
    send(reports.on)
    repaint()
  }

  /// The terminal has another size.
  public func resize() {
    guard isOpen else { return }
    fitSize()
    repaint()
  }

  private func fitSize() {
    rows = max(1, Terminal.rows(output) ?? rows)
    columns = max(1, Terminal.columns(output) ?? columns)
    resize_term(Int32(rows), Int32(columns))
  }

  /// Forgets what has come in part: somebody has pressed Ctrl-C in what was being pasted, say.
  public func forgetInput() {
    decoder = KeyDecoder()
  }

  /// Paints everything anew with the next canvas, whatever the terminal shows.
  public func repaint() {
    painted = nil
    clearok(cncurses_shown_screen(), true)
  }

  private func send(_ bytes: [UInt8]) {
    // A terminal that is gone is found out by reading.
    try? writeAll(bytes, to: output)
  }

  private static func string(_ capability: String) -> String {
    guard let text = cncurses_string(capability) else { return "" }
    // Without the pauses that old terminals needed.
    return String(cString: text).replacing(/\$<[^>]*>/, with: "")
  }

  // MARK: painting

  /// Makes the terminal show a canvas; what lies outside of the screen is left out.
  public func paint(_ canvas: Canvas) {
    guard isOpen, !isSuspended else { return }
    let window = cncurses_window()
    for row in 0..<min(rows, canvas.rows) where isChanged(row, canvas) {
      paint(row, of: canvas, on: window)
    }
    if let cursor = canvas.cursor, cursor.row < rows, cursor.column < columns {
      wmove(window, Int32(cursor.row), Int32(cursor.column))
      curs_set(1)
    } else {
      curs_set(0)
    }
    wnoutrefresh(window)
    doupdate()
    painted = canvas
  }

  private func isChanged(_ row: Int, _ canvas: Canvas) -> Bool {
    guard let painted, painted.columns == canvas.columns, row < painted.rows else { return true }
    let range = row * canvas.columns..<(row + 1) * canvas.columns
    return painted.cells[range] != canvas.cells[range]
  }

  /// Each run of cells of one style at once.
  private func paint(_ row: Int, of canvas: Canvas, on window: UnsafeMutablePointer<WINDOW>?) {
    let count = min(columns, canvas.columns)
    wmove(window, Int32(row), 0)
    wattr_set(window, 0, 0, nil)
    wclrtoeol(window)
    var column = 0
    while column < count {
      let style = canvas[row, column].style
      let start = column
      var text = ""
      while column < count, canvas[row, column].style == style {
        let cell = canvas[row, column]
        let isWide = column + 1 < canvas.columns && canvas[row, column + 1].text.isEmpty
        // Half of a wide character cannot be shown.
        text += isWide && column + 1 == count ? " " : shown(cell.text, width: isWide ? 2 : 1)
        column += isWide ? 2 : 1
      }
      wattr_set(window, style.attributes, options.color ? Int16(style.color.rawValue) : 0, nil)
      wmove(window, Int32(row), Int32(start))
      waddstr(window, text)
    }
  }

  /// A character as ncurses can take it without shifting what stands behind it.
  private func shown(_ text: String, width: Int) -> String {
    if text.utf8.count == 1 { return text }
    guard !text.isEmpty else { return "" }
    guard options.isUnicode else { return String(repeating: "?", count: width) }
    let columns = text.unicodeScalars.map { Terminal.columns(of: $0) ?? -1 }
    if !columns.contains(-1), columns.reduce(0, +) == width { return text }
    // The C library measures it otherwise: its first scalar alone, if that fits.
    if let first = text.unicodeScalars.first, let own = columns.first, own > 0, own <= width,
      !(0x1F1E6...0x1F1FF).contains(first.value)
    {
      return String(first) + String(repeating: " ", count: width - own)
    }
    return "\u{FFFD}" + String(repeating: " ", count: width - 1)
  }

  // MARK: reading

  /// How long to wait for more before an Escape is the key by itself; nil if none waits.
  public var pendingDelayNanoseconds: Int64? {
    guard decoder.isEscapePending else { return nil }
    return max(0, KeyDecoder.escapeDelayNanoseconds - (Clock.monotonicNanoseconds() - readAt))
  }

  /// What somebody has done since the last call; never waits.
  public func readInputs() -> [ScreenInput] {
    var inputs: [ScreenInput] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let descriptor = FileDescriptor(borrowing: input)
    // Not without end: what is pasted may come faster than it is dealt with.
    for _ in 0..<16 {
      var entries = [Poll.Entry(input, .readable)]
      Poll.wait(for: &entries, nanoseconds: 0)
      guard !entries[0].result.isEmpty else { break }
      guard let count = try? descriptor.read(into: &buffer, from: 0), count > 0 else {
        isInputEnded = true
        break
      }
      readAt = Clock.monotonicNanoseconds()
      decoder.receive(buffer[..<count])
      while let input = decoder.next() { inputs.append(input) }
    }
    if pendingDelayNanoseconds == 0 {
      decoder.settleEscape()
      while let input = decoder.next() { inputs.append(input) }
    }
    return inputs
  }
}

/// What makes a terminal tell of the mouse, of pasted text and of its focus, and what ends it.
private struct Reports {
  var on: [UInt8] = []
  var off: [UInt8] = []

  /// - Parameter mouse: how the terminal begins to tell of the mouse; empty if it does not.
  init(_ options: CursesOptions, _ mouse: String) {
    // Those that know none of it might show the bytes.
    guard !mouse.isEmpty else { return }
    let modes = (options.mouse ? [1000, 1006] : []) + [1004, 2004]
    for mode in modes {
      on += Array("\u{1b}[?\(mode)h".utf8)
      off += Array("\u{1b}[?\(mode)l".utf8)
    }
  }
}

extension CellStyle {
  fileprivate var attributes: attr_t {
    (isBold ? cncurses_bold() : 0) | (isDim ? cncurses_dim() : 0)
      | (isReversed ? cncurses_reverse() : 0)
  }
}

extension CellStyle.Color {
  fileprivate var number: Int16 {
    switch self {
    case .standard, .red: Int16(COLOR_RED)
    case .green: Int16(COLOR_GREEN)
    case .yellow: Int16(COLOR_YELLOW)
    case .blue: Int16(COLOR_BLUE)
    case .magenta: Int16(COLOR_MAGENTA)
    case .cyan: Int16(COLOR_CYAN)
    }
  }
}
