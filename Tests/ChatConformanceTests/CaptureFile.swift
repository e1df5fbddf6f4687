import Foundation

/// The captures of the repository.
enum CaptureFile {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../captures")

  static var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
    }
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appending(path: name)))
  }
}
