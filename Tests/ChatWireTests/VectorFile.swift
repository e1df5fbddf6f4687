import Foundation
import TestSupport
import Testing

/// A golden vector: a JSON object of `vectors/`.
struct Vector: CustomTestStringConvertible, @unchecked Sendable {
  let fields: [String: Any]

  var name: String { fields["name"] as? String ?? "?" }
  var testDescription: String { name }

  func text(_ key: String) -> String? { fields[key] as? String }
  func number(_ key: String) -> Int? { (fields[key] as? NSNumber)?.intValue }
  func list(_ key: String) -> [Vector] {
    (fields[key] as? [[String: Any]] ?? []).map { Vector(fields: $0) }
  }

  /// The vectors called `list` in `vectors/file`.
  static func load(_ file: String, _ list: String) -> [Vector] {
    guard
      let url = Bundle.module.url(forResource: file, withExtension: nil, subdirectory: "vectors"),
      let data = try? Data(contentsOf: url),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let entries = object[list] as? [[String: Any]]
    else { return [] }
    return entries.map { Vector(fields: $0) }
  }
}

/// Bytes written as hexadecimal pieces: text, or an object that repeats some.
func bytes(pieces: Any?) -> [UInt8] {
  guard let pieces else { return [] }
  if let text = pieces as? String { return bytes(hex: text) ?? [] }
  if let list = pieces as? [Any] { return list.flatMap { bytes(pieces: $0) } }
  if let object = pieces as? [String: Any], let count = (object["count"] as? NSNumber)?.intValue {
    let piece = bytes(pieces: object["repeat"])
    return Array(repeatElement(piece, count: count).joined())
  }
  return []
}
