import ChatPosix
import ChatProgram

/// A protocol on a socket.
final class Client<Protocol: Line> {
  let number: Int
  var line: Protocol
  private let socket: StreamSocket
  /// What the kernel did not take.
  private var backlog: [UInt8] = []

  init(number: Int, line: Protocol, socket: consuming StreamSocket) {
    self.number = number
    self.line = line
    self.socket = socket
  }

  var descriptor: Int32 { socket.rawValue }
  var wantsRoom: Bool { !backlog.isEmpty }

  /// Reads once: what is left shows again.
  func read(into buffer: inout [UInt8]) throws(Failure) {
    switch socket.read(into: &buffer) {
    case .bytes(let count): line.receive(buffer.span.bytes.extracting(first: count))
    case .wouldBlock: break
    case .endOfStream: line.endOfStream()
    case .failed(let error): throw Failure("client \(number) cannot read: \(error.message)")
    }
  }

  /// Writes behind what is left from before.
  func write(_ output: [UInt8]) throws(Failure) {
    guard backlog.isEmpty else {
      backlog += output
      let rest = try writeNow(backlog)
      backlog.removeFirst(backlog.count - rest)
      return
    }
    guard !output.isEmpty else { return }
    let rest = try writeNow(output)
    if rest > 0 { backlog = Array(output.suffix(rest)) }
  }

  /// Returns how many bytes are left.
  private func writeNow(_ bytes: [UInt8]) throws(Failure) -> Int {
    var written = 0
    while written < bytes.count {
      switch socket.write(bytes, from: written) {
      case .bytes(let count): written += count
      case .wouldBlock: return bytes.count - written
      case .endOfStream: throw Failure("the server has closed the connection of client \(number)")
      case .failed(let error): throw Failure("client \(number) cannot write: \(error.message)")
      }
    }
    return 0
  }
}
