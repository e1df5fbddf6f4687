/// One packet of a capture file, found at offsets of the bytes handed to the reader.
///
/// It holds no bytes; it is valid as long as those bytes stay where they are.
public struct CaptureRecord: Equatable, Sendable {
  /// When it was captured, or nil if the file does not say or the time is beyond what Int64
  /// nanoseconds hold.
  public var time: TraceTime?
  /// What the packet begins with.
  public var linkType: LinkType
  /// Where the packet's first byte is in the span handed in.
  public var offset: Int
  /// Bytes of the packet that are in the file.
  public var capturedLength: Int
  /// Bytes that the packet had on the wire, as the file states them.
  public var originalLength: Int
  /// The interface's index within its pcapng section; 0 in a pcap file.
  public var interface: UInt32

  /// Describes a packet.
  public init(
    time: TraceTime?, linkType: LinkType, offset: Int, capturedLength: Int, originalLength: Int,
    interface: UInt32 = 0
  ) {
    self.time = time
    self.linkType = linkType
    self.offset = offset
    self.capturedLength = capturedLength
    self.originalLength = originalLength
    self.interface = interface
  }
}

/// What `CaptureFileReader.next` found.
public enum CaptureFileStep: Equatable, Sendable {
  /// A packet.
  case record(CaptureRecord)
  /// Nothing until at least so many bytes stand after `position`.
  case needMore(minimumBytes: Int)
  /// The file ended where it may.
  case end
  /// The file is cut off or damaged here: nothing after this can be read. The sentence says what
  /// and where.
  case cutOff(String)
}

/// Why a file is not a capture that can be read.
public struct CaptureFileError: Error, Equatable, Sendable {
  /// One sentence in lower case for after the file's name and a colon: what, where, what to do.
  public var message: String

  /// Makes an error from its sentence.
  public init(message: String) {
    self.message = message
  }
}

/// What kind of capture file it is.
public struct CaptureFileFormat: Equatable, Sendable, CustomStringConvertible {
  /// The family of formats.
  public enum Container: Sendable {
    /// The classic format, 16-byte record headers.
    case pcap
    /// The classic format as patched by A. Kuznetsov, 24-byte record headers.
    case modifiedPcap
    /// Blocks; timestamps as each interface states.
    case pcapng
  }

  /// The unit of timestamps.
  public enum Precision: Sendable {
    case microseconds, nanoseconds
    /// Each interface states its own (pcapng).
    case perInterface
  }

  /// The family of formats.
  public var container: Container
  /// True if numbers stand most significant byte first (pcapng: in the current section).
  public var isBigEndian: Bool
  /// The unit of timestamps.
  public var precision: Precision

  /// Makes a format.
  public init(container: Container, isBigEndian: Bool, precision: Precision) {
    self.container = container
    self.isBigEndian = isBigEndian
    self.precision = precision
  }

  /// For messages: `pcap, little-endian, microseconds`.
  public var description: String {
    let name =
      switch container {
      case .pcap: "pcap"
      case .modifiedPcap: "modified pcap"
      case .pcapng: "pcapng"
      }
    let order = isBigEndian ? ", big-endian" : ", little-endian"
    let unit =
      switch precision {
      case .microseconds: ", microseconds"
      case .nanoseconds: ", nanoseconds"
      case .perInterface: ""
      }
    return name + order + unit
  }
}
