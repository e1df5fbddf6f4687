internal import ArgumentParser
internal import ChatPosix
internal import ChatProgram
internal import ChatTrace

/// `chat-inspect capture`: what happens on an interface, explained as it happens.
struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Capture on an interface and explain it as it happens.",
    usage: """
      chat-inspect capture -i <interface> [-f <filter>] [-w <file>] [<options>]
      chat-inspect capture -D
      """,
    discussion: """
      Ctrl-C ends the capture with a summary. Capturing needs a right that only root has at first.

      Examples:
        sudo chat-inspect capture -i lo -f 'tcp port 7777'
        sudo chat-inspect capture -i lo -w session.pcap -a duration:10
      """)

  @Option(
    name: .customShort("i", allowingJoined: true),
    help: ArgumentHelp("The interface (see -D).", valueName: "interface"))
  var interface: String?

  @Option(
    name: .customShort("f", allowingJoined: true),
    help: ArgumentHelp("Capture only what matches, in tcpdump's language.", valueName: "filter"))
  var captureFilter: String?

  @Option(
    name: .customShort("w", allowingJoined: true),
    help: ArgumentHelp(
      "Save what is captured; - is standard output, and then nothing is printed.",
      valueName: "file"), completion: .file())
  var writeFile: String?

  @Option(
    name: .customShort("a", allowingJoined: true),
    help: ArgumentHelp("Stop by itself: duration:SECONDS.", valueName: "condition"),
    transform: Autostop.init(parsing:))
  var autostop: Autostop?

  @Option(
    name: .customShort("c", allowingJoined: true),
    help: ArgumentHelp("Stop after this many packets.", valueName: "count"))
  var count: Int?

  @Option(
    name: .customShort("s", allowingJoined: true),
    help: ArgumentHelp("Capture at most this many bytes of a packet.", valueName: "bytes"))
  var snapLength: Int32 = 262_144

  @Flag(name: .customShort("D"), help: "List the interfaces.")
  var listsInterfaces = false

  @OptionGroup var printing: PrintingOptions

  func run() throws {
    if listsInterfaces { return try listInterfaces() }
    guard let interface else { throw Failure("name an interface with -i; -D lists them") }
    if let count, count < 1 { throw Failure("-c \(count): at least one packet must be captured") }
    guard (1...262_144).contains(snapLength) else {
      throw Failure("-s \(snapLength): between 1 and 262144 bytes can be captured of a packet")
    }
    let format = try printing.checkedFormat()
    if writeFile == "-" {
      if printing.format != nil || !printing.fields.isEmpty {
        throw Failure(
          "-w - writes packets to standard output: \(format.rawValue) cannot go there too")
      }
      if Terminal.isTerminal(1) {
        throw Failure("-w - would write packets to your terminal: redirect the output")
      }
    }
    let style = OutputStyle.decide(printing.style.color)
    let job = CaptureJob(
      command: self, interface: interface, selection: try printing.selection(frameCountMax: nil))
    if writeFile == "-" {
      try job.run(SilentRenderer())
    } else {
      try printing.withRenderer(style: style, run: job)
    }
  }

  private func listInterfaces() throws(Failure) {
    let output = OutputWriter()
    for (index, interface) in try CaptureSetup.interfaces().enumerated() {
      var line = "\(index + 1). \(interface.name)"
      if let description = interface.description { line += " (\(description))" }
      if !interface.addresses.isEmpty {
        line += " " + interface.addresses.joined(separator: ", ")
      }
      output.write(Diagnostics.printable(line) + "\n")
    }
    try output.finish()
  }
}

/// When a capture stops by itself.
struct Autostop {
  /// After so many nanoseconds.
  let nanoseconds: Int64

  init(parsing text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "duration", let seconds = Double(parts[1]),
      seconds >= 0, seconds < 1e9
    else { throw ValidationError("say duration:SECONDS, such as duration:10") }
    nanoseconds = Int64(seconds * 1e9)
  }
}

private struct CaptureJob: PrintingJob {
  let command: CaptureCommand
  let interface: String
  let selection: EventSelection

  func run<Renderer: EventRenderer>(_ renderer: Renderer) throws(Failure) {
    let capture = try CaptureSetup.open(
      interface, snapLength: command.snapLength, filter: command.captureFilter)
    let output = OutputWriter(flushesEachRecord: command.printing.flushesEachRecord)
    var printer = TracePrinter(renderer: renderer, selection: selection, output: output)
    var loop = try CaptureLoop.prepare(
      capture, writingTo: command.writeFile, packetCountMax: command.count,
      duration: command.autostop?.nanoseconds)
    Diagnostics.say("capturing on \(interface); Ctrl-C ends it")

    let result = loop.run(into: &printer, output: output)
    let closing = loop.close(writingTo: command.writeFile)
    try output.finish()
    if let complaint = printer.complaint { Diagnostics.say(complaint) }
    Diagnostics.say(result.message)
    if let failure = result.failure ?? closing { throw failure }
    if let signal = result.signal { throw Failure(silently: .signal(signal)) }
    try command.printing.failure.check(printer.worst)
  }
}
