import Foundation
import TestSupport
import Testing

/// Live capture on the loopback interface, where the tests have the right to.
@Suite(.enabled(if: Program.mayCapture, "there is no right to capture"), .serialized)
struct CaptureTests {
  /// A socket that sends datagrams to a port of this machine, where nobody listens.
  private struct Sender: ~Copyable {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    /// The port it sends to, which is its own and so no other test's.
    let port: UInt16
    private var address: sockaddr_in

    init() {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = descriptor
      withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = bind(descriptor, $0, size)
          _ = getsockname(descriptor, $0, &size)
        }
      }
      self.address = address
      port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    func send(_ count: Int) {
      var address = address
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      for number in 0..<count {
        var byte = UInt8(truncatingIfNeeded: number)
        _ = withUnsafePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            sendto(descriptor, &byte, 1, 0, $0, size)
          }
        }
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `-c counts packets, and -w keeps them in a file that can be read`() throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("live.pcap").path
      let sender = Sender()
      let program = try RunningProgram(
        "capture", "-i", "lo", "-f", "udp port \(sender.port)", "-c", "3", "-w", file, "-T",
        "ndjson")
      #expect(program.waitForErrors().contains("capturing on lo"))
      sender.send(5)
      let outcome = try program.finish()
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("3 packets captured, 0 dropped by the kernel"))
      #expect(outcome.output.contains("\"packets\":3"))
      let again = try Program.run("read", file, "-T", "ndjson")
      #expect(again.status == 0)
      #expect(again.output == outcome.output)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [SIGINT, SIGTERM])
  func `a signal ends it with the summary and a whole file`(signal: Int32) throws {
    try withTemporaryDirectory { directory in
      let file = directory.appendingPathComponent("live.pcap").path
      let sender = Sender()
      let program = try RunningProgram(
        "capture", "-i", "lo", "-f", "udp port \(sender.port)", "-w", file, "-T", "ndjson")
      _ = program.waitForErrors()
      program.signal(signal)
      let outcome = try program.finish()
      #expect(outcome.status == 128 + signal)
      #expect(outcome.lines.last?.contains("\"summary\"") == true)
      #expect(try Program.run("read", file).errors.contains("no packets"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `it ends by itself when nobody reads its output`() throws {
    let program = try RunningProgram("capture", "-i", "lo", "-f", "udp port 1")
    _ = program.waitForErrors()
    try program.closeOutput()
    #expect(try program.finish().status == 0)
  }

  @Test func `-w - writes packets to standard output and nothing else`() throws {
    let outcome = try Program.shell(
      "$P capture -i lo -f 'udp port 1' -w - -a duration:0 | wc -c")
    #expect(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines) == "24")
  }

  @Test func `a wrong capture filter has libpcap's message, and is exit code 4`() throws {
    let outcome = try Program.run("capture", "-i", "lo", "-f", "tcp port")
    #expect(outcome.status == 4)
    #expect(outcome.errors.hasPrefix("chat-inspect: capture filter 'tcp port': "))
  }

  @Test func `an interface that does not exist lists those that do`() throws {
    let outcome = try Program.run("capture", "-i", "no-such-0")
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("chat-inspect: there is no interface no-such-0; there are: "))
    #expect(outcome.errors.contains("lo"))
  }

  @Test func `a file that cannot be created is an error`() throws {
    let outcome = try Program.run("capture", "-i", "lo", "-w", "/no-such-directory/a.pcap")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("/no-such-directory/a.pcap"))
  }

  @Test func `-D lists the interfaces with their addresses`() throws {
    let outcome = try Program.run("capture", "-D")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains { $0.contains(". lo") && $0.contains("127.0.0.1") })
  }
}

extension Program {
  /// True if a capture on `lo` can be opened here.
  static let mayCapture: Bool =
    (try? run("capture", "-i", "lo", "-a", "duration:0").status) == 0
}
