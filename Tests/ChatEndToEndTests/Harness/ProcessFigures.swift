import Foundation
import TestSupport

/// What the kernel says about a running process.
struct ProcessFigures {
  private let identifier: Int32

  init(_ process: ProgramProcess) {
    identifier = process.processIdentifier
  }

  init(identifier: Int32) {
    self.identifier = identifier
  }

  /// Memory that it uses now.
  func residentByteCount() throws -> Int { try status("VmRSS") * 1_024 }

  /// Files and sockets that it has open.
  func descriptorCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/fd").count
  }

  /// True while it does something of its own when a signal comes.
  func catches(_ signal: Int32) throws -> Bool {
    let line = try line("SigCgt", of: "status")
    guard let mask = UInt64(line, radix: 16) else { throw TestFailure("no mask: \(line)") }
    return mask >> UInt64(signal - 1) & 1 == 1
  }

  /// Time that it has had on processors, in all of its threads.
  func processorSeconds() throws -> Double {
    let text = try String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)
    // The name stands in parentheses and may hold anything; utime and stime are fields 14 and 15.
    guard let end = text.lastIndex(of: ")") else { throw TestFailure("no fields: \(text)") }
    let fields = text[end...].split(separator: " ")
    guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
      throw TestFailure("no times: \(text)")
    }
    return Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private func status(_ name: String) throws -> Int {
    let text = try line(name, of: "status")
    guard let number = text.split(separator: " ").first.flatMap({ Int($0) }) else {
      throw TestFailure("no number: \(text)")
    }
    return number
  }

  private func line(_ name: String, of file: String) throws -> String {
    let text = try String(contentsOfFile: "/proc/\(identifier)/\(file)", encoding: .utf8)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else {
      throw TestFailure("/proc/\(identifier)/\(file) has no \(name)")
    }
    return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
  }
}

/// Uses a processor for so long: time in which another process that had something to do would have
/// had a processor as well, however busy the machine is.
func useProcessor(seconds: Double) {
  func used() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
  let end = used() + seconds
  while used() < end {}
}
