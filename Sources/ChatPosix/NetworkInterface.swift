internal import CPcap
internal import Glibc

/// A network interface on which packets can be captured.
public struct NetworkInterface: Sendable, Hashable {
  /// The name to capture by.
  public let name: String
  /// What it is, where somebody says so.
  public let description: String?
  /// Its IP addresses.
  public let addresses: [String]
  /// True if it carries packets now.
  public let isRunning: Bool

  /// Every interface known, in libpcap's order, which begins with those likely to be meant.
  public static func all() throws(LiveCaptureError) -> [NetworkInterface] {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    var first: UnsafeMutablePointer<pcap_if_t>?
    guard pcap_findalldevs(&first, &message) == 0 else {
      throw .failed(
        String(
          decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    defer { pcap_freealldevs(first) }
    var interfaces: [NetworkInterface] = []
    var device = first
    while let current = device?.pointee {
      interfaces.append(
        NetworkInterface(
          name: String(cString: current.name),
          description: current.description.map { String(cString: $0) },
          addresses: addresses(of: current),
          isRunning: current.flags & UInt32(PCAP_IF_RUNNING) != 0))
      device = current.next
    }
    return interfaces
  }

  private static func addresses(of device: pcap_if_t) -> [String] {
    var result: [String] = []
    var entry = device.addresses
    while let current = entry?.pointee {
      if let address = current.addr, let text = numericText(address) { result.append(text) }
      entry = current.next
    }
    return result
  }

  private static func numericText(_ address: UnsafeMutablePointer<sockaddr>) -> String? {
    let family = Int32(address.pointee.sa_family)
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let raw = UnsafeRawPointer(address)
    let offset: Int
    switch family {
    case AF_INET: offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 4
    case AF_INET6: offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
    default: return nil
    }
    guard inet_ntop(family, raw + offset, &text, socklen_t(text.count)) != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
