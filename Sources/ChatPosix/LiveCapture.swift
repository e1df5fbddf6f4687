internal import CPcap
internal import Glibc

/// Why packets cannot be captured.
public enum LiveCaptureError: Error, Hashable, Sendable {
  /// This user may not capture.
  case noPermission
  /// There is no such interface.
  case noSuchInterface
  /// The interface is down.
  case interfaceIsDown
  /// The capture filter is wrong; the message is libpcap's.
  case badFilter(String)
  /// Anything else; the message is libpcap's.
  case failed(String)
}

/// A packet that libpcap lends until the next call.
public struct LivePacket {
  /// Nanoseconds since 1970 UTC.
  public let nanoseconds: Int64
  /// The bytes captured.
  public let bytes: UnsafeRawBufferPointer
  /// How long the packet was on the wire.
  public let originalLength: Int
  fileprivate let header: UnsafePointer<pcap_pkthdr>
  fileprivate let data: UnsafePointer<UInt8>
}

/// An interface being captured: the owner of a `pcap_t`.
///
/// Nothing here waits: `poll` on `pollDescriptor`, then take packets until there are none.
public struct LiveCapture: ~Copyable {
  private let handle: OpaquePointer
  private let nanosecondsPerTick: Int64

  private init(handle: OpaquePointer, nanosecondsPerTick: Int64) {
    self.handle = handle
    self.nanosecondsPerTick = nanosecondsPerTick
  }

  /// Opens an interface, with timestamps in nanoseconds where it has them.
  public static func open(
    interface: String, snapLength: Int32, filter: String?
  ) throws(LiveCaptureError) -> LiveCapture {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap_create(interface, &message) else { throw .failed(text(message)) }
    pcap_set_snaplen(handle, snapLength)
    pcap_set_promisc(handle, 1)
    // Chat is sparse and is watched as it happens: each packet at once, not a buffer at a time.
    pcap_set_immediate_mode(handle, 1)
    pcap_set_timeout(handle, 100)
    pcap_set_buffer_size(handle, 8 << 20)
    pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = pcap_activate(handle)
    let hasNanoseconds = pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO
    let capture = LiveCapture(handle: handle, nanosecondsPerTick: hasNanoseconds ? 1 : 1000)
    switch status {
    case 0...: break
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: throw .noPermission
    case PCAP_ERROR_NO_SUCH_DEVICE: throw .noSuchInterface
    case PCAP_ERROR_IFACE_NOT_UP: throw .interfaceIsDown
    default: throw .failed(capture.lastError)
    }
    if let filter { try capture.setFilter(filter) }
    guard pcap_setnonblock(handle, 1, &message) == 0 else { throw .failed(text(message)) }
    return capture
  }

  private borrowing func setFilter(_ filter: String) throws(LiveCaptureError) {
    var program = bpf_program()
    guard pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      throw .badFilter(lastError)
    }
    defer { pcap_freecode(&program) }
    guard pcap_setfilter(handle, &program) == 0 else { throw .badFilter(lastError) }
  }

  deinit {
    pcap_close(handle)
  }

  /// The LINKTYPE number of the packets, as capture files have it.
  public var linkType: UInt32 {
    // Raw IP is the one link type of Linux whose number in memory is not its number in files.
    let number = pcap_datalink(handle)
    return number == DLT_RAW ? 101 : UInt32(bitPattern: number)
  }

  /// The descriptor that becomes readable when packets have come.
  public var pollDescriptor: Int32 { pcap_get_selectable_fd(handle) }

  /// The next packet, or nil if there is none yet.
  public borrowing func next() throws(LiveCaptureError) -> LivePacket? {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    switch pcap_next_ex(handle, &header, &data) {
    case 1:
      guard let header, let data else { return nil }
      let time = header.pointee.ts
      return LivePacket(
        nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec) * nanosecondsPerTick,
        bytes: UnsafeRawBufferPointer(start: data, count: Int(header.pointee.caplen)),
        originalLength: Int(header.pointee.len), header: UnsafePointer(header), data: data)
    case 0: return nil
    default: throw .failed(lastError)
    }
  }

  /// How many packets the kernel and the interface have dropped.
  ///
  /// The count of packets received is not given: on `lo` it counts each one twice.
  public func droppedCount() -> UInt64 {
    var statistics = pcap_stat()
    guard pcap_stats(handle, &statistics) == 0 else { return 0 }
    return UInt64(statistics.ps_drop) + UInt64(statistics.ps_ifdrop)
  }

  /// Creates a capture file for what is captured here; `-` is standard output.
  public borrowing func createFile(_ path: String) throws(LiveCaptureError) -> CaptureFileWriter {
    guard let dumper = pcap_dump_open(handle, path) else { throw .failed(lastError) }
    return CaptureFileWriter(dumper: dumper)
  }

  private var lastError: String { String(cString: pcap_geterr(handle)) }
}

/// A capture file being written: the owner of a `pcap_dumper_t`.
public struct CaptureFileWriter: ~Copyable {
  private let dumper: OpaquePointer

  fileprivate init(dumper: OpaquePointer) {
    self.dumper = dumper
  }

  deinit {
    pcap_dump_close(dumper)
  }

  /// Appends a packet.
  public borrowing func append(_ packet: borrowing LivePacket) {
    pcap_dump(
      UnsafeMutableRawPointer(dumper).assumingMemoryBound(to: UInt8.self), packet.header,
      packet.data)
  }

  /// Hands everything to the kernel, so that a reader of the file sees it.
  public borrowing func flush() throws(SystemError) {
    guard pcap_dump_flush(dumper) == 0, ferror(pcap_dump_file(dumper)) == 0 else {
      throw .current
    }
  }
}

private func text(_ message: [CChar]) -> String {
  String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
