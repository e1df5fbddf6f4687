import TestSupport
import Testing

@testable import ChatTrace

@Suite struct FlowTableTests {
  private func endpoint(_ low: UInt64, _ port: UInt16, isIPv6: Bool = false) -> Endpoint {
    Endpoint(address: IPAddress(high: 0, low: low, isIPv6: isIPv6), port: port)
  }

  @Test func `connections are numbered in order of first packet, and found both ways round`() {
    let table = TableUnderTest()
    let (server, ana, bia) = (endpoint(1, 5000), endpoint(1, 40000), endpoint(1, 40001))
    #expect(table.find(source: ana, destination: server) == nil)
    let first = table.insert(source: ana, destination: server)
    #expect(first.index == 0)
    #expect(table.insert(source: bia, destination: server).index == 1)
    #expect(table.find(source: ana, destination: server) == first)
    #expect(
      table.find(source: server, destination: ana)
        == Flow(index: 0, isFromLower: !first.isFromLower))
    #expect(table.find(source: ana, destination: bia) == nil)
    #expect(table.count == 2)
  }

  @Test func `a replaced connection has a new number and the same direction`() {
    let table = TableUnderTest()
    let (server, ana) = (endpoint(1, 5000), endpoint(2, 40000))
    let first = table.insert(source: ana, destination: server)
    let second = table.replace(source: server, destination: ana)
    #expect(second == Flow(index: 1, isFromLower: !first.isFromLower))
    #expect(
      table.find(source: ana, destination: server)
        == Flow(index: 1, isFromLower: first.isFromLower))
    #expect(!table.remove(stream: 0, source: ana, destination: server))
    #expect(table.remove(stream: 1, source: ana, destination: server))
    #expect(table.find(source: ana, destination: server) == nil)
    #expect(table.insert(source: ana, destination: server).index == 2)
  }

  @Test func `the kind of an address and both ports matter`() {
    let table = TableUnderTest()
    let server = endpoint(1, 5000)
    let other = [
      endpoint(2, 40000), endpoint(2, 40000, isIPv6: true), endpoint(2, 40001),
      Endpoint(address: IPAddress(high: 1, low: 2, isIPv6: true), port: 40000),
    ]
    for (index, client) in other.enumerated() {
      #expect(table.insert(source: client, destination: server).index == index)
    }
    for (index, client) in other.enumerated() {
      #expect(table.find(source: client, destination: server)?.index == index)
    }
  }

  @Test func `a connection of an endpoint with itself has one direction`() {
    let table = TableUnderTest()
    let land = endpoint(1, 80)
    let flow = table.insert(source: land, destination: land)
    #expect(table.find(source: land, destination: land) == flow)
    #expect(table.find(source: land, destination: land) == flow)
  }

  @Test func `addresses forged to collide are parted by another seed`() {
    // The first factor of the hash is 0 for this address under the first seed, whatever the second.
    let table = TableUnderTest()
    let forged: UInt64 = 0xA076_1D64_78BD_642F
    var collisions = Set<UInt32>()
    for index in UInt64(0)..<2000 {
      let key = FlowKey(endpoint(forged, 1), endpoint(forged + 1 + index, 1))
      collisions.insert(key.hash(seed: 0))
      #expect(
        table.insert(source: endpoint(forged, 1), destination: endpoint(forged + 1 + index, 1))
          .index == Int(index))
    }
    #expect(collisions.count == 1)
    #expect(table.longestProbe < 100)
    for index in UInt64(0)..<2000 {
      #expect(
        table.find(source: endpoint(forged + 1 + index, 1), destination: endpoint(forged, 1))?.index
          == Int(index))
    }
  }

  @Test func `random operations agree with a dictionary`() {
    struct Pair: Hashable {
      var lower: Endpoint
      var upper: Endpoint
    }
    var random = SeededGenerator(seed: 2)
    let table = TableUnderTest()
    var model: [Pair: Int] = [:]
    var directions: [Pair: Bool] = [:]
    var given = 0
    var wrong = 0
    // Addresses alike, as in one network: 60 hosts, 20 ports each, both kinds.
    let hosts = (0..<60).map { index -> IPAddress in
      index < 30
        ? IPAddress(high: 0, low: 0x0A00_0000 + UInt64(index), isIPv6: false)
        : IPAddress(
          high: 0x2001_0DB8_0000_0000 + UInt64(index % 3), low: UInt64(index), isIPv6: true)
    }
    func anyEndpoint() -> Endpoint {
      let host = hosts[Int(random.next() % 60)]
      return Endpoint(address: host, port: UInt16(5000 + random.next() % 20))
    }
    var recent = Pair(lower: anyEndpoint(), upper: anyEndpoint())
    for _ in 0..<100_000 {
      // Half of the time the connection of the last operation.
      if random.next().isMultiple(of: 2) {
        recent = Pair(lower: anyEndpoint(), upper: anyEndpoint())
      }
      let isSwapped = random.next().isMultiple(of: 2)
      let source = isSwapped ? recent.upper : recent.lower
      let destination = isSwapped ? recent.lower : recent.upper
      let swapped = Pair(lower: recent.upper, upper: recent.lower)
      let key = model[swapped] != nil ? swapped : recent
      var flow: Flow?
      switch random.next() % 8 {
      case 0..<4:
        flow = table.find(source: source, destination: destination)
        if flow?.index != model[key] { wrong += 1 }
      case 4, 5:
        flow =
          model[key] == nil
          ? table.insert(source: source, destination: destination)
          : table.replace(source: source, destination: destination)
        if flow?.index != given { wrong += 1 }
        model[key] = given
        given += 1
      default:
        let stream = model[key] ?? 0
        let isThere = model.removeValue(forKey: key) != nil
        if table.remove(stream: stream, source: source, destination: destination) != isThere {
          wrong += 1
        }
      }
      if let flow, source != destination {
        // The direction is the same for the life of the table.
        let isFromFirst = source == key.lower
        let expected =
          directions[key] ?? directions[Pair(lower: key.upper, upper: key.lower)].map { !$0 }
        if let expected, expected != (flow.isFromLower == isFromFirst) { wrong += 1 }
        if expected == nil { directions[key] = flow.isFromLower == isFromFirst }
      }
      if table.count != model.count || table.streamCount != given { wrong += 1 }
    }
    #expect(wrong == 0)
    #expect(model.count > 5000)
    for (pair, stream) in model {
      #expect(table.find(source: pair.upper, destination: pair.lower)?.index == stream)
    }
  }
}

/// A table by reference, so that its calls may stand in expectations.
private final class TableUnderTest {
  private var table = FlowTable()

  var count: Int { table.count }
  var streamCount: Int { table.streamCount }
  var longestProbe: Int { table.longestProbe }

  func find(source: Endpoint, destination: Endpoint) -> Flow? {
    table.find(source: source, destination: destination)
  }

  func insert(source: Endpoint, destination: Endpoint) -> Flow {
    table.insert(source: source, destination: destination)
  }

  func replace(source: Endpoint, destination: Endpoint) -> Flow {
    table.replace(source: source, destination: destination)
  }

  func remove(stream: Int, source: Endpoint, destination: Endpoint) -> Bool {
    table.remove(stream: stream, source: source, destination: destination)
  }
}
