import ArgumentParser

/// Writes a capture of flawless native sessions, the same bytes for the same options on every
/// machine.
///
/// It shares no code with ChatWire on purpose: a decoder measured on what its own encoder wrote
/// would agree with its own mistakes, and change its input with every change of itself.
@main
struct GenerateCaptures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat-bench-captures",
    abstract: "Write a deterministic pcap file of native ChatWire sessions.",
    discussion: """
      Clients send DATA, the server acknowledges every frame; each frame is one TCP segment. \
      Streams take turns packet by packet and are all open at once; even ones use Go-Back-N, odd \
      ones Selective Repeat.
      """)

  @Option(help: "Size of the file at least, in units of 1,000,000 bytes.")
  var megabytes = 200

  @Option(help: "Bytes of text in a full fragment, 1 to 8192.")
  var fragment = 512

  @Option(help: "Window in frames, 1 to 16384.")
  var window = 16

  @Option(help: "TCP connections, 1 to 100000.")
  var streams = 4

  @Argument(help: "The file to write.")
  var output: String

  func validate() throws {
    guard (1...100_000).contains(megabytes) else {
      throw ValidationError("--megabytes: 1 to 100000")
    }
    guard (1...8192).contains(fragment) else { throw ValidationError("--fragment: 1 to 8192") }
    guard (1...16_384).contains(window) else { throw ValidationError("--window: 1 to 16384") }
    guard (1...100_000).contains(streams) else { throw ValidationError("--streams: 1 to 100000") }
  }

  func run() throws {
    var capture = CaptureWriter(file: try OutputFile(path: output), tick: streams > 100 ? 1 : 20)
    var sessions = (0..<streams).map { index in
      Session(
        index: index, fragment: fragment, window: window,
        budget: megabytes * 1_000_000 / streams)
    }
    var open = streams
    while open > 0 {
      for index in sessions.indices where !sessions[index].isOver {
        try sessions[index].takeTurn(&capture)
        if sessions[index].isOver { open -= 1 }
      }
    }
    try capture.finish()
  }
}
