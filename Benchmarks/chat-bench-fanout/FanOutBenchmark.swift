import ArgumentParser
import ChatPosix
import ChatProgram
import ChatWire

/// A crowd of clients that measures what a server spends on passing messages on.
///
/// A message is over when everybody but its sender has it, and only then does its sender say the
/// next one; so the load adapts to the server, and nobody falls behind. Each client answers each
/// read with one write of all that is due, as a real one would.
struct FanOutBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat-bench-fanout",
    abstract: "Measure what a chat server spends on each message it passes on.",
    discussion: """
      Prints a name and a figure in each line. CPU time and memory are the server's: of the \
      process that --process names, all threads, without its children. Latency is from the \
      moment a message is given to its sender's session to the moment a recipient's session \
      delivers it.
      """)

  enum Server: String, ExpressibleByArgument, CaseIterable {
    case chat, relay
  }

  @Option(help: "What listens there: chat-server or chat-bench-relay.")
  var server = Server.chat

  @Option(help: "Its port on 127.0.0.1.")
  var port: UInt16

  @Option(help: "Its process.")
  var process: Int32

  @Option(help: "Repair of losses asked for: gbn or sr.")
  var mode = "gbn"

  @Option(help: "Window asked for, in frames.")
  var window = 16

  @Flag(inversion: .prefixedNo, help: "Recipients acknowledge what the relay sends them.")
  var acknowledgements = true

  @Option(help: "Clients that only listen.")
  var recipients = 100

  @Option(help: "Clients that talk as well.")
  var senders = 1

  @Option(help: "Messages that each of those has under way.")
  var outstanding = 1

  @Flag(help: "All clients talk in turn; --senders says how many at a time.")
  var rotate = false

  @Option(help: "Deliveries to measure, at least.")
  var deliveries = 200_000

  func validate() throws {
    guard (1...19_000).contains(recipients) else {
      throw ValidationError("--recipients: 1 to 19000")
    }
    guard (1...1_000).contains(senders) else { throw ValidationError("--senders: 1 to 1000") }
    guard (1...1_000).contains(outstanding) else {
      throw ValidationError("--outstanding: 1 to 1000")
    }
    guard (1...100_000_000).contains(deliveries) else {
      throw ValidationError("--deliveries: 1 to 100000000")
    }
    guard (1...16_384).contains(window) else { throw ValidationError("--window: 1 to 16384") }
    guard ["gbn", "sr"].contains(mode) else { throw ValidationError("--mode: gbn or sr") }
  }

  func run() throws {
    _ = ProcessLimits.raiseOpenFiles()
    switch server {
    case .chat:
      let checksum = CRC32.forProgram
      let mode: ARQMode = mode == "sr" ? .selectiveRepeat : .goBackN
      try measure { number in
        NativeLine(
          number: number, mode: mode, windowSize: window, checksum: checksum,
          at: Crowd<NativeLine>.now)
      }
    case .relay:
      try measure { RawLine(number: $0, acknowledges: acknowledgements) }
    }
  }

  private func measure<Protocol: Line>(_ makeLine: (Int) -> Protocol) throws {
    var load = Load()
    load.recipientCount = recipients
    load.senderCount = senders
    load.outstandingCount = outstanding
    load.isRotating = rotate
    load.messageCount = max(
      outstanding * senders, (deliveries + load.clientCount - 2) / (load.clientCount - 1))
    load.warmUpCount = max(outstanding * senders, load.messageCount / 10)

    let server = ServerProcess(identifier: process)
    var crowd = try Crowd<Protocol>(load: load, port: port)
    let start = Crowd<Protocol>.now
    let cpuBefore = try server.cpuNanoseconds()
    try crowd.open(makeLine)
    let opening = start.nanoseconds(to: Crowd<Protocol>.now)
    let openingCPU = try server.cpuNanoseconds() - cpuBefore
    let memoryBefore = try server.memory()
    try crowd.talk(messageCount: load.warmUpCount)

    var figures = Figures()
    let wall = Crowd<Protocol>.now
    let cpu = try server.cpuNanoseconds()
    let ownCPU = try ServerProcess(identifier: ProcessLimits.processIdentifier).cpuNanoseconds()
    try crowd.talk(messageCount: load.messageCount)
    figures.wallNanoseconds = wall.nanoseconds(to: Crowd<Protocol>.now)
    figures.serverNanoseconds = try server.cpuNanoseconds() - cpu
    figures.ownNanoseconds =
      try ServerProcess(identifier: ProcessLimits.processIdentifier).cpuNanoseconds() - ownCPU
    figures.latencies = crowd.tally.latencies.sorted()
    figures.openingNanoseconds = opening
    figures.openingServerNanoseconds = openingCPU
    figures.idleMemory = memoryBefore.now
    figures.peakMemory = try server.memory().peak
    figures.retransmissionCount = crowd.clients.reduce(0) { $0 + $1.line.retransmissionCount }
    try writeAll(figures.text, to: 1)
  }
}

/// What came out.
struct Figures {
  var wallNanoseconds: Int64 = 0
  var serverNanoseconds: Int64 = 0
  var ownNanoseconds: Int64 = 0
  /// Ascending.
  var latencies: [UInt32] = []
  var openingNanoseconds: Int64 = 0
  var openingServerNanoseconds: Int64 = 0
  var idleMemory = 0
  var peakMemory = 0
  var retransmissionCount = 0

  var text: String {
    let count = Double(latencies.count)
    let lines: [(String, Double, Int)] = [
      ("deliveries", count, 0),
      ("deliveries_per_second", count / (Double(wallNanoseconds) / 1e9), 0),
      ("server_cpu_us_per_delivery", Double(serverNanoseconds) / 1e3 / count, 3),
      ("client_cpu_us_per_delivery", Double(ownNanoseconds) / 1e3 / count, 3),
      ("latency_p50_us", percentile(50), 1),
      ("latency_p99_us", percentile(99), 1),
      ("latency_max_us", percentile(100), 1),
      ("opening_seconds", Double(openingNanoseconds) / 1e9, 3),
      ("opening_server_cpu_seconds", Double(openingServerNanoseconds) / 1e9, 3),
      ("server_memory_mb", Double(idleMemory) / 1e6, 1),
      ("server_peak_memory_mb", Double(peakMemory) / 1e6, 1),
      ("retransmissions", Double(retransmissionCount), 0),
    ]
    return lines.map { "\($0) \(decimal($1, digits: $2))\n" }.joined()
  }

  /// In microseconds.
  private func percentile(_ percent: Int) -> Double {
    guard !latencies.isEmpty else { return 0 }
    return Double(latencies[(latencies.count - 1) * percent / 100]) / 1e3
  }

  private func decimal(_ value: Double, digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let rounded = Int((value * Double(scale)).rounded())
    guard digits > 0 else { return String(rounded) }
    let fraction = String(rounded % scale)
    return "\(rounded / scale)."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
