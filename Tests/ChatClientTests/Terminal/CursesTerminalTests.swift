import ChatCurses
import ChatPosix
import Testing

/// Only what needs no terminal.
///
/// ncurses and libedit have one terminal in a process, the same one, so both cannot be tried side
/// by side. The full screen is tried in windows of its own (ChatEndToEndTests).
@Suite("A painted terminal") struct CursesTerminalTests {
  @Test func `what is no terminal is refused with a reason`() throws {
    let file = try FileDescriptor.temporaryFile()
    #expect(throws: CursesError.noTerminal) {
      _ = try CursesTerminal.open(
        input: file.rawValue, output: file.rawValue, options: CursesOptions())
    }
    for error in [CursesError.noTerminal, .unknown(name: ""), .unknown(name: "x"), .refused] {
      #expect(error.sentence.hasSuffix(".") || error.sentence.hasSuffix("?"))
    }
  }
}
