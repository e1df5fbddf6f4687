import Foundation
import TestSupport

/// The parts of the vectors that are about payloads.
struct PayloadVectors: Decodable {
  struct BroadcastVector: Decodable {
    var name: String
    var valid: Bool
    var hex: String
    var sentAt: UInt64?
    var nickname: String?
    var text: String?
  }

  struct RosterVector: Decodable {
    struct Entry: Decodable {
      var nickname: String
      var mode: UInt8
      var window: UInt16
      var fragment: UInt16
      var connectedSeconds: UInt32
      var flags: UInt8
    }
    var name: String
    var valid: Bool
    var hex: String
    var entries: [Entry]?
  }

  struct CodedVector: Decodable {
    var name: String
    var frame: String
    var valid: Bool
    var hex: String
    var code: UInt8?
    var text: String?
  }

  struct AckVector: Decodable {
    var hex: String
    var nextExpected: UInt16
    var window: UInt16
  }

  struct TextVector: Decodable {
    var name: String
    var hex: String
    var valid: Bool
  }

  struct NicknameVector: Decodable {
    var hex: String
    var valid: Bool
  }

  struct SameNicknameVector: Decodable {
    var a: String
    var b: String
    var same: Bool
  }

  var broadcast: [BroadcastVector]
  var roster: [RosterVector]
  var coded: [CodedVector]
  var ack: [AckVector]
  var text: [TextVector]
  var nickname: [NicknameVector]
  var sameNickname: [SameNicknameVector]

  static func load() throws -> PayloadVectors {
    try JSONDecoder().decode(PayloadVectors.self, from: vectorFile("payloads"))
  }
}

/// The vectors of handshake options.
struct OptionVectors: Decodable {
  struct OptionVector: Decodable {
    struct Values: Decodable {
      var version: UInt8?
      var mode: UInt8?
      var window: UInt16?
      var fragment: UInt16?
      var maxMessage: UInt32?
      var acknowledges: UInt16?
      var session: String?
      var nickname: String?
      var name: String?
    }
    var name: String
    var frame: String
    var hex: String
    var outcome: String
    var values: Values?
    var errors: [UInt8]?
  }

  var options: [OptionVector]

  static func load() throws -> OptionVectors {
    try JSONDecoder().decode(OptionVectors.self, from: vectorFile("options"))
  }
}

/// What a test cannot go on without.
struct MissingTestData: Error {
  var name: String
}

private func vectorFile(_ name: String) throws -> Data {
  guard let url = Bundle.module.url(forResource: "vectors/\(name)", withExtension: "json") else {
    throw MissingTestData(name: name)
  }
  return try Data(contentsOf: url)
}

/// Bytes from hexadecimal text that must be some.
func hexBytes(_ hex: String) throws -> [UInt8] {
  guard let bytes = bytes(hex: hex) else { throw MissingTestData(name: hex) }
  return bytes
}
