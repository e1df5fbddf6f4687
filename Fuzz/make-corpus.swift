// Makes those seeds of the fuzz targets that come from the protocol's vectors and the recorded
// captures:
//
//     make-corpus VECTORS CAPTURES OUTPUT     (see scripts/make-corpus.sh)

import Foundation

struct Problem: Error, CustomStringConvertible {
  let description: String
}

/// A piece of a vector: hexadecimal text, or `{"repeat": hex, "count": n}`.
func bytes(_ piece: Any) throws -> [UInt8] {
  if let object = piece as? [String: Any], let part = object["repeat"],
    let count = object["count"] as? Int
  {
    let unit = try bytes(part)
    return (0..<count).flatMap { _ in unit }
  }
  guard let text = piece as? String else { throw Problem(description: "not hexadecimal: \(piece)") }
  let digits = Array(text.utf8)
  return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
    guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
    else {
      throw Problem(description: "not hexadecimal: \(text)")
    }
    return byte
  }
}

/// The entries of a vector file: each entry's name and its pieces put together.
func seeds(in file: URL, list: String, pieces: String) throws -> [(name: String, bytes: [UInt8])] {
  let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
  return try (json?[list] as? [[String: Any]] ?? []).map { entry in
    let value = entry[pieces]
    guard let name = entry["name"] as? String, let parts = value as? [Any] ?? value.map({ [$0] })
    else {
      throw Problem(description: "\(file.lastPathComponent): an entry without name or \(pieces)")
    }
    return (name, try parts.flatMap(bytes))
  }
}

/// Some of a list, evenly chosen.
func some<Element>(_ count: Int, of list: [Element]) -> [Element] {
  list.count <= count ? list : (0..<count).map { list[$0 * list.count / count] }
}

/// The beginning of a capture: its first packets, whole.
///
/// Only what the recorded captures need: little-endian files, and pcapng blocks of any kind.
func beginning(of file: URL, packets: Int) throws -> [UInt8] {
  let data = [UInt8](try Data(contentsOf: file))
  func number(at offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
  }
  let isPcapng = file.pathExtension == "pcapng"
  var offset = isPcapng ? 0 : 24
  var count = 0
  while count < packets, offset + 16 <= data.count {
    // An enhanced packet block has type 6.
    if !isPcapng || number(at: offset) == 6 { count += 1 }
    offset += isPcapng ? number(at: offset + 4) : 16 + number(at: offset + 8)
  }
  return Array(data[..<min(offset, data.count)])
}

/// What one side of a classic session sends, taken from the TCP payloads of a capture whose
/// packets have Ethernet, IPv4 and TCP headers.
func classicStream(in file: URL, toServer: Bool) throws -> [UInt8] {
  let data = [UInt8](try Data(contentsOf: file))
  var result: [UInt8] = []
  var offset = 24
  while offset + 16 <= data.count {
    let size = (0..<4).reduce(0) { $0 | Int(data[offset + 8 + $1]) << (8 * $1) }
    let packet = Array(data[(offset + 16)..<min(offset + 16 + size, data.count)])
    offset += 16 + size
    guard packet.count >= 54 else { continue }
    let end = min(packet.count, 14 + Int(packet[16]) << 8 + Int(packet[17]))
    let start = 34 + Int(packet[46] >> 4) * 4
    let destination = Int(packet[36]) << 8 | Int(packet[37])
    if start < end, (destination == 5000) == toServer { result += packet[start..<end] }
  }
  return result
}

func run(_ arguments: [String]) throws {
  guard arguments.count == 4 else {
    throw Problem(description: "make-corpus VECTORS CAPTURES OUTPUT")
  }
  let vectors = URL(fileURLWithPath: arguments[1])
  let captures = URL(fileURLWithPath: arguments[2])
  let output = URL(fileURLWithPath: arguments[3])

  func write(_ folder: String, _ name: String, _ bytes: [UInt8]) throws {
    let target = output.appendingPathComponent(folder)
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    try Data(bytes).write(to: target.appendingPathComponent(name))
  }

  // See FuzzFrames.swift for what stands before the stream: here an observer, no limit, and steps.
  let whole: [UInt8] = [0, 0, 0]
  let byteByByte: [UInt8] = [0, 0, 1, 0]
  let withGaps: [UInt8] = [0, 0, 4, 5 << 3, 3 << 3 | 6, 2 << 3 | 4, 9 << 3]
  let receiver: [UInt8] = [2, 1, 1, 2 << 3 | 1]
  let beginnings = [whole, byteByByte, withGaps, receiver]

  let frames =
    try seeds(in: vectors.appendingPathComponent("frames.json"), list: "frames", pieces: "hex")
  let streams =
    try seeds(in: vectors.appendingPathComponent("resync.json"), list: "streams", pieces: "chunks")
  let small = { (seed: (name: String, bytes: [UInt8])) in (1..<1_200).contains(seed.bytes.count) }
  let chosen = some(30, of: frames.filter(small)) + some(30, of: streams.filter(small))
  for (index, seed) in chosen.enumerated() {
    try write("FuzzFrames", seed.name, beginnings[index % beginnings.count] + seed.bytes)
  }
  let classic = captures.appendingPathComponent("a_handshake_one_message.pcap")
  for toServer in [true, false] {
    let bytes = try classicStream(in: classic, toServer: toServer)
    try write("FuzzFrames", "classic-\(toServer ? "client" : "server")", [1, 0, 0] + bytes)
  }

  // The stream is read as payloads too.
  for (file, list) in [
    ("payloads", "broadcast"), ("payloads", "roster"), ("payloads", "coded"),
    ("options", "options"),
  ] {
    let payloads = try seeds(
      in: vectors.appendingPathComponent("\(file).json"), list: list, pieces: "hex")
    for seed in some(3, of: payloads.filter(small)) {
      try write("FuzzFrames", "\(list)-\(seed.name)", whole + seed.bytes)
    }
  }
  for (name, text) in [
    ("json", #"{"protocol": "gbn", "window_size": 5, "max_fragment_size": 4.5e0, "a": [null]}"#),
    ("json-answer", #"{"status": "ok", "session_id": "\ud83d\udc4b", "message": "olá"}"#),
    ("json-channel", #"{"loss_prob": 0.25, "corruption_prob": NaN, "delay_time": Infinity}"#),
    ("text-acknowledgement", "ACK for seq 12"), ("text-broadcast", "[ana] olá"),
  ] {
    try write("FuzzFrames", name, whole + Array(text.utf8))
  }

  for name in [
    "h_clean_disconnect.nano.pcap", "h_clean_disconnect.ng.pcapng", "l_pcapng_dumpcap.pcapng",
  ] {
    try write(
      "FuzzCaptureFile", name,
      try beginning(of: captures.appendingPathComponent(name), packets: 6) + [17])
  }

  // The last byte is for FuzzTrace.swift: how the trace is rendered.
  for (name, packets, choice) in [
    ("a_handshake_one_message.pcap", 20, 0), ("h_clean_disconnect.ipv6.pcap", 20, 9),
    ("d_corruption.pcap", 40, 3), ("native_sr_faults.pcap", 60, 2),
    ("native_gbn_clean.pcap", 40, 13), ("l_pcapng_dumpcap.pcapng", 20, 1),
  ] as [(String, Int, UInt8)] {
    try write(
      "FuzzTrace", name,
      try beginning(of: captures.appendingPathComponent(name), packets: packets) + [choice])
  }
}

do {
  try run(CommandLine.arguments)
} catch {
  FileHandle.standardError.write(Data("make-corpus: \(error)\n".utf8))
  exit(1)
}
