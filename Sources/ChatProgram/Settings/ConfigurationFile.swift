/// A configuration file: `key = value` lines, a flat part of TOML.
///
/// Keys are the long names of options. Values are texts in quotes, whole numbers, `true` and
/// `false`. Those behind a line `[server]` or `[client]` are for that program only. Every TOML
/// reader reads such a file in the same way; what else TOML has is an error here.
public struct ConfigurationFile: Sendable, Equatable {
  /// More than anybody writes by hand.
  public static let byteCountMax = 64 << 10

  /// A line, from 1, and a column in it, in characters from 1.
  public struct Place: Sendable, Equatable {
    /// The line.
    public var line: Int
    /// The column.
    public var column: Int

    /// Makes a place.
    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }
  }

  /// What a key can be set to.
  public enum Value: Sendable, Equatable {
    /// Text that was in quotes.
    case text(String)
    /// The digits of a whole number, and its sign if that is a minus.
    case number(String)
    /// `true` or `false`.
    case flag(Bool)
  }

  /// A key that is set.
  public struct Entry: Sendable, Equatable {
    /// The section that it stands in; nil before the first one.
    public var section: String?
    /// The key.
    public var key: String
    /// Where the key stands.
    public var keyPlace: Place
    /// What it is set to.
    public var value: Value
    /// The value as it stands in the file.
    public var spelling: String
    /// Where the value stands.
    public var valuePlace: Place
  }

  /// Why a text is no configuration file.
  public struct ParseError: Error, Sendable, Equatable {
    /// What is wrong, in lower case and without a stop.
    public var message: String
    /// Where.
    public var place: Place
  }

  /// Everything that is set, in order.
  public private(set) var entries: [Entry] = []

  /// Nothing is set.
  public init() {}

  /// Reads a file.
  ///
  /// - Parameter sections: the sections that there may be.
  public init(
    parsing text: String, sections: [String] = ["server", "client"]
  ) throws(ParseError) {
    var places: [String: [String: Int]] = [:]
    var seenSections: [String: Int] = [:]
    var section: String?
    var number = 0
    var rest = Substring.UnicodeScalarView(text.unicodeScalars)
    // Some editors begin a file with a mark.
    if rest.first == "\u{FEFF}" { rest.removeFirst() }
    while !rest.isEmpty {
      number += 1
      var line = ConfigurationLine(takingFrom: &rest, number: number)
      switch try line.read(sections: sections) {
      case .empty: break
      case .section(let name, let place):
        if let first = seenSections.updateValue(number, forKey: name) {
          throw ParseError(
            message: "[\(name)] is there twice, first in line \(first)", place: place)
        }
        section = name
      case .entry(var entry):
        entry.section = section
        if let first = places[section ?? "", default: [:]].updateValue(number, forKey: entry.key) {
          throw ParseError(
            message: "\(entry.key) is set twice, first in line \(first)", place: entry.keyPlace)
        }
        entries.append(entry)
      }
    }
  }
}
