import ChatPosix
import ChatWire
import Glibc

private let sizes = [64, 512, 1_400]
private let frameCount = 1_000

/// Measures everything and prints the tables.
func measureCore(rounds: Int) {
  let checksum =
    FastChecksum.isAvailable ? CRC32(accelerator: FastChecksum.continuation) : CRC32()
  print("\nThe core in memory, \(rounds) rounds, medians of CPU time\n")
  measureChecksums(checksum, rounds: rounds)
  measureFrames(checksum, rounds: rounds)
  measureSessions(checksum, rounds: rounds)
}

// MARK: checksums

private typealias ZlibCRC = @convention(c) (UInt, UnsafePointer<UInt8>?, UInt32) -> UInt

/// zlib's CRC-32, if the machine has zlib.
private func zlibChecksum() -> ZlibCRC? {
  guard let library = dlopen("libz.so.1", RTLD_NOW), let symbol = dlsym(library, "crc32") else {
    return nil
  }
  return unsafeBitCast(symbol, to: ZlibCRC.self)
}

private func measureChecksums(_ accelerated: CRC32, rounds: Int) {
  let plain = CRC32()
  let zlib = zlibChecksum()
  print(label("CRC-32, GB/s") + sizes.map { column("\($0) B", 10) }.joined())
  var rows: [(String, (([UInt8]) -> UInt32))] = [
    ("ChatWire, plain Swift", { plain.checksum(of: $0.span.bytes) }),
    ("ChatWire with the program's", { accelerated.checksum(of: $0.span.bytes) }),
  ]
  if let zlib {
    rows.append(
      (
        "zlib",
        { bytes in
          bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: zlib(0, $0.baseAddress, UInt32($0.count)))
          }
        }
      ))
  }
  var measurements: [Measurement] = []
  for (name, checksum) in rows {
    for size in sizes {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      measurements.append(
        Measurement(label: name, unitsPerCall: size * 100) {
          for _ in 0..<100 { keep(checksum(bytes)) }
        })
    }
  }
  let results = nanosecondsPerUnit(measurements, rounds: rounds)
  for (row, entry) in rows.enumerated() {
    let speeds = results[row * sizes.count..<(row + 1) * sizes.count]
    print(label(entry.0) + speeds.map { column(1 / $0, 10, digits: 2) }.joined())
  }
}

// MARK: frames

private func measureFrames(_ checksum: CRC32, rounds: Int) {
  var measurements: [Measurement] = []
  for size in sizes { measurements.append(encoding(size: size, checksum)) }
  for size in sizes { measurements.append(decoding(size: size, checksum)) }
  let results = nanosecondsPerUnit(measurements, rounds: rounds)
  print("\n" + label("frames, ns each") + sizes.map { column("\($0) B", 10) }.joined())
  for (row, name) in ["encode", "decode"].enumerated() {
    let times = results[row * sizes.count..<(row + 1) * sizes.count]
    print(label(name) + times.map { column($0, 10) }.joined())
  }
}

private func encoding(size: Int, _ checksum: CRC32) -> Measurement {
  let payload = [UInt8](repeating: 0x61, count: size)
  var output: [UInt8] = []
  output.reserveCapacity(frameCount * (size + 11))
  return Measurement(label: "encode", unitsPerCall: frameCount) {
    output.removeAll(keepingCapacity: true)
    for sequence in 0..<frameCount {
      let header = FrameHeader(
        length: 0, typeCode: FrameType.data.rawValue,
        sequence: UInt16(truncatingIfNeeded: sequence), checksum: 0, flags: 1)
      encodeFrame(header, payload: payload.span.bytes, into: &output, checksum: checksum)
    }
    keep(output.count)
  }
}

private func decoding(size: Int, _ checksum: CRC32) -> Measurement {
  var stream: [UInt8] = []
  for sequence in 0..<frameCount {
    let header = FrameHeader(
      length: 0, typeCode: FrameType.data.rawValue,
      sequence: UInt16(truncatingIfNeeded: sequence), checksum: 0, flags: 1)
    encodeFrame(
      header, payload: [UInt8](repeating: 0x61, count: size).span.bytes, into: &stream,
      checksum: checksum)
  }
  return Measurement(label: "decode", unitsPerCall: frameCount) {
    var decoder = FrameDecoder(.native)
    var position = 0
    var count = 0
    while decoder.next(in: stream.span.bytes, position: &position, checksum: checksum) != nil {
      count += 1
    }
    keep(count)
  }
}

// MARK: sessions

private func measureSessions(_ checksum: CRC32, rounds: Int) {
  let modes: [ARQMode] = [.goBackN, .selectiveRepeat]
  var measurements: [Measurement] = []
  for mode in modes {
    for size in sizes {
      measurements.append(
        Measurement(label: mode.name, unitsPerCall: frameCount) {
          keep(converse(mode: mode, size: size, checksum))
        })
    }
  }
  let results = nanosecondsPerUnit(measurements, rounds: rounds)
  print(
    "\n" + label("a message and its ACK, both ends, ns")
      + sizes.map { column("\($0) B", 10) }.joined())
  for (row, mode) in modes.enumerated() {
    let times = results[row * sizes.count..<(row + 1) * sizes.count]
    print(
      label(mode == .goBackN ? "Go-Back-N" : "Selective Repeat")
        + times.map { column($0, 10) }.joined())
    print(label("  messages/s") + times.map { column(1e9 / $0, 10) }.joined())
  }
}

/// Sends `frameCount` messages from a client to a server in memory, window 64; returns how many
/// arrived.
private func converse(mode: ARQMode, size: Int, _ checksum: CRC32) -> Int {
  var configuration = ClientConfiguration()
  configuration.mode = mode
  configuration.windowSize = 64
  configuration.fragmentSizeMax = size
  var client = Session(
    client: configuration, initialSequence: SequenceNumber(1), checksum: checksum, at: .zero)
  var server = Session(server: ServerConfiguration(), checksum: checksum, at: .zero)
  let message = [UInt8](repeating: 0x61, count: size)
  var toServer: [UInt8] = []
  var toClient: [UInt8] = []
  var now = Instant.zero
  var sent = 0
  var received = 0
  while received < frameCount {
    while sent < frameCount, client.queuedByteCount < 64 * size {
      guard (try? client.send(.data, message)) != nil else { return received }
      sent += 1
    }
    received += drain(&client, at: now, into: &toServer)
    server.receive(toServer.span.bytes)
    toServer.removeAll(keepingCapacity: true)
    received += drain(&server, at: now, into: &toClient)
    client.receive(toClient.span.bytes)
    toClient.removeAll(keepingCapacity: true)
    now = now.advanced(byNanoseconds: 20_000_000)
  }
  return received
}

/// Takes what a session wants to do; returns how many messages it has delivered.
private func drain(_ session: inout Session, at now: Instant, into bytes: inout [UInt8]) -> Int {
  var count = 0
  while true {
    switch session.nextOutput(at: now, into: &bytes) {
    case .deliver: count += 1
    case .request:
      session.accept(
        SessionGrant(nickname: "ana", sessionID: [1], initialSequence: SequenceNumber(5)))
    case .wait, .ended: return count
    case .transmit, .established, .oversized, .peerFinished: continue
    }
  }
}

/// Takes a result, so that the work for it is not left out.
@inline(never)
private func keep<Value>(_ value: Value) {
  withUnsafePointer(to: value) { _ in }
}
