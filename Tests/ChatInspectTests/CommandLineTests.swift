import ChatProgram
import ChatTrace
import TestSupport
import Testing

@testable import chat_inspect

/// The parts of the command line that can be tried without running it.
@Suite struct CommandLineTests {
  @Test func `a command line that begins as tshark's does is understood`() {
    #expect(ChatInspect.withCommand(["-r", "a.pcap"]) == ["read", "-r", "a.pcap"])
    #expect(ChatInspect.withCommand(["-ra.pcap"]) == ["read", "-ra.pcap"])
    #expect(ChatInspect.withCommand(["-i", "lo"]) == ["capture", "-i", "lo"])
    #expect(ChatInspect.withCommand(["-D"]) == ["capture", "-D"])
    #expect(ChatInspect.withCommand(["--help"]) == ["--help"])
    #expect(ChatInspect.withCommand(["stats", "-r"]) == ["stats", "-r"])
    #expect(ChatInspect.withCommand([]).isEmpty)
  }

  @Test func `a duration is a number of seconds`() throws {
    #expect(try Autostop(parsing: "duration:10").nanoseconds == 10_000_000_000)
    #expect(try Autostop(parsing: "duration:0.5").nanoseconds == 500_000_000)
    for wrong in ["10", "duration:", "duration:-1", "duration:nan", "duration:1:2", "files:3"] {
      #expect(throws: (any Error).self) { try Autostop(parsing: wrong) }
    }
  }

  @Test func `regular expressions ignore case unless they say otherwise`() throws {
    let plain = try #require(RegularExpressions.compile("ol[aá]"))
    #expect(plain("Então: OLÁ!"))
    #expect(!plain("hello"))
    let exact = try #require(RegularExpressions.compile("(?-i)Ola"))
    #expect(exact("Ola"))
    #expect(!exact("ola"))
    #expect(RegularExpressions.compile("(") == nil)
  }

  @Test func `a note at least as severe as --fail-on reaches it`() {
    #expect(FailureThreshold.warn.isReached(by: .warn))
    #expect(FailureThreshold.warn.isReached(by: .error))
    #expect(!FailureThreshold.warn.isReached(by: .note))
    #expect(!FailureThreshold.warn.isReached(by: nil))
    #expect(FailureThreshold.error.isReached(by: .error))
    #expect(!FailureThreshold.error.isReached(by: .warn))
  }

  @Test func `of several chat streams one must be chosen, and they are listed`() throws {
    var streams = ChatStreams()
    var event = TraceEvent()
    let nothing: [UInt8] = []
    for (number, frames) in [(2, 3), (10, 1)] {
      event.stream = number
      event.kind = .tcp
      event.tcpEvent = .open
      event.client = "192.0.2.1:\(40_000 + number)"
      event.server = "192.0.2.9:7777"
      streams.record(&event, payload: nothing.span.bytes)
      event.kind = .frame
      for _ in 0..<frames { streams.record(&event, payload: nothing.span.bytes) }
    }
    var summary = TraceSummary()
    for number in [2, 10] {
      var stream = TraceSummary.Stream()
      stream.stream = number
      summary.streams.append(stream)
    }
    streams.finish(summary)

    #expect(try streams.choose(10, in: "a.pcap") == 10)
    #expect(
      throws: Failure(
        """
        a.pcap: there are 2 chat streams; choose one with --stream:
           2  192.0.2.1:40002 -> 192.0.2.9:7777  3 frames
          10  192.0.2.1:40010 -> 192.0.2.9:7777  1 frames
        """)
    ) { try streams.choose(nil, in: "a.pcap") }
    #expect(throws: Failure.self) { try streams.choose(3, in: "a.pcap") }
    #expect(try ChatStreams().choose(nil, in: "a.pcap") == nil)
  }
}
