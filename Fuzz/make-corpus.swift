// Makes the seeds of the fuzz targets from the protocol's vectors and the recorded captures:
// make-corpus VECTORS CAPTURES OUTPUT (see scripts/make-corpus.sh).
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
    guard let name = entry["name"] as? String, let parts = entry[pieces] as? [Any] else {
      throw Problem(description: "\(file.lastPathComponent): an entry without name or \(pieces)")
    }
    return (name, try parts.flatMap(bytes))
  }
}

/// Some of a list, evenly chosen.
func some<Element>(_ count: Int, of list: [Element]) -> [Element] {
  list.count <= count ? list : (0..<count).map { list[$0 * list.count / count] }
}

/// The packets of a little-endian pcap file.
func packets(in file: URL) throws -> [[UInt8]] {
  let data = [UInt8](try Data(contentsOf: file))
  var result: [[UInt8]] = []
  var offset = 24
  while offset + 16 <= data.count {
    let size = (0..<4).reduce(0) { $0 | Int(data[offset + 8 + $1]) << (8 * $1) }
    guard offset + 16 + size <= data.count else { break }
    result.append(Array(data[offset + 16..<offset + 16 + size]))
    offset += 16 + size
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

  let frames =
    try seeds(in: vectors.appendingPathComponent("frames.json"), list: "frames", pieces: "hex")
  let streams =
    try seeds(in: vectors.appendingPathComponent("resync.json"), list: "streams", pieces: "chunks")
  let small = { (seed: (name: String, bytes: [UInt8])) in (1..<2048).contains(seed.bytes.count) }
  for seed in some(30, of: frames.filter(small)) + some(30, of: streams.filter(small)) {
    try write("frames", seed.name, seed.bytes)
  }

  for (name, indices) in [
    ("h_clean_disconnect.pcap", [0, 1, 3, 7]), ("h_clean_disconnect.ipv6.pcap", [0, 3]),
    ("h_clean_disconnect.vlan.pcap", [0, 3]), ("native_sr_faults.pcap", [3, 20]),
  ] {
    let all = try packets(in: captures.appendingPathComponent(name))
    for index in indices where index < all.count {
      try write("packets", "\(name).\(index)", all[index])
    }
  }

  for name in [
    "a_handshake_one_message.pcap", "h_clean_disconnect.nano.pcap", "h_clean_disconnect.ng.pcapng",
    "l_pcapng_dumpcap.pcapng",
  ] {
    try write(
      "capture-file", name, [UInt8](try Data(contentsOf: captures.appendingPathComponent(name))))
  }
}

do {
  try run(CommandLine.arguments)
} catch {
  FileHandle.standardError.write(Data("make-corpus: \(error)\n".utf8))
  exit(1)
}
