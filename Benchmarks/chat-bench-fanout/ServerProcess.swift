import CBenchSockets
import ChatProgram

/// The server as the kernel sees it.
struct ServerProcess {
  let identifier: Int32

  /// CPU time of all its threads so far.
  func cpuNanoseconds() throws(Failure) -> Int64 {
    let time = bench_process_nanoseconds(identifier)
    guard time >= 0 else { throw Failure("there is no process \(identifier)") }
    return time
  }

  /// Resident memory, now and at most, in bytes.
  func memory() throws(Failure) -> (now: Int, peak: Int) {
    let path = "/proc/\(identifier)/status"
    let text = try TextFile.read(path, byteCountMax: 1 << 16)
    guard let now = kibibytes("VmRSS:", in: text), let peak = kibibytes("VmHWM:", in: text) else {
      throw Failure("\(path) does not tell the memory")
    }
    return (now * 1_024, peak * 1_024)
  }

  private func kibibytes(_ key: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      return line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) }
    }
    return nil
  }
}
