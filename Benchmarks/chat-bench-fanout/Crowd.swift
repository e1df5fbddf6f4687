import CBenchSockets
import ChatPosix
import ChatProgram
import ChatWire

/// Who talks, and how much.
struct Load {
  /// Clients that only listen.
  var recipientCount = 100
  /// Clients that talk, and listen to each other.
  var senderCount = 1
  /// Messages that each of those has under way.
  var outstandingCount = 1
  var messageCount = 1_000
  /// Messages before the measurement.
  var warmUpCount = 100
  /// Everybody talks in turn, as many at a time as there would be senders.
  var isRotating = false

  var clientCount: Int { recipientCount + senderCount }
}

/// All clients, in one thread: they wait for the server together, and each answers at once.
struct Crowd<Protocol: Line> {
  private let load: Load
  private let port: UInt16
  private let epoll: Int32
  private(set) var clients: [Client<Protocol>] = []
  private(set) var tally: Tally
  /// One for each client: when it has to be looked at although nothing came.
  private var deadlines: [Instant] = []
  private var events = [bench_event](repeating: bench_event(), count: 256)
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var output: [UInt8] = []
  private var nextTimers = Instant.zero
  private var heardAt: Instant
  private var openCount = 0
  /// Clients that have something new to say.
  private var talkative: [Int] = []

  /// Between two looks at the deadlines.
  private static var timerPeriod: Duration { .milliseconds(20) }
  /// If nothing comes for so long, nothing will.
  private static var stallLimit: Duration { .seconds(30) }
  /// Handshakes under way at a time: each joiner is news to all who are in, and a server with its
  /// hands full must not run into the limit for handshakes.
  private static var openingCountMax: Int { 64 }
  /// Servers limit clients of one address.
  private static var clientsPerAddress: Int { 900 }

  init(load: Load, port: UInt16) throws(Failure) {
    self.load = load
    self.port = port
    tally = Tally(clientCount: load.clientCount)
    epoll = bench_epoll()
    heardAt = Self.now
    if epoll < 0 { throw Failure("no epoll: \(SystemError(number: -epoll).message)") }
  }

  static var now: Instant { Instant(nanoseconds: Clock.monotonicNanoseconds()) }

  // MARK: the three acts

  /// Connects everybody, and waits until they are in and know of each other.
  mutating func open(_ makeLine: (Int) -> Protocol) throws {
    while openCount < load.clientCount {
      while clients.count < load.clientCount, clients.count - openCount < Self.openingCountMax {
        try connect(makeLine(clients.count))
      }
      try turn()
    }
    let noticeCount = Protocol.joinNoticeCount(clientCount: load.clientCount)
    while tally.joinNoticeCount < noticeCount { try turn() }
    guard tally.joinNoticeCount == noticeCount else {
      throw Failure("\(tally.joinNoticeCount) notices of joining instead of \(noticeCount)")
    }
  }

  /// Talks until so many messages are over.
  mutating func talk(messageCount: Int) throws {
    tally.reset(messageCount: messageCount)
    for _ in 0..<load.outstandingCount {
      tally.idleSenders += 0..<load.senderCount
    }
    try startMessages(messageCount)
    while tally.doneCount < messageCount {
      try turn()
      try startMessages(messageCount)
    }
    try tally.check()
  }

  private mutating func startMessages(_ messageCount: Int) throws {
    guard !tally.idleSenders.isEmpty else { return }
    let now = Self.now
    for idle in tally.idleSenders where tally.startedCount < messageCount {
      let sender = load.isRotating ? tally.startedCount * 7_919 % load.clientCount : idle
      let number = tally.start(by: sender, at: now)
      try clients[sender].line.say(Text.make(number: number))
      if !talkative.contains(sender) { talkative.append(sender) }
    }
    tally.idleSenders.removeAll(keepingCapacity: true)
    for sender in talkative { try drive(clients[sender], at: now) }
    talkative.removeAll(keepingCapacity: true)
  }

  // MARK: input and output

  private mutating func connect(_ line: Protocol) throws {
    let number = clients.count
    let source = UInt32(0x7F00_0001 + number / Self.clientsPerAddress)
    let descriptor = bench_connect(source, port)
    guard descriptor >= 0 else {
      throw Failure("client \(number): \(SystemError(number: -descriptor).message)")
    }
    let client = Client(number: number, line: line, socket: StreamSocket(owning: descriptor))
    clients.append(client)
    deadlines.append(.distantFuture)
    _ = bench_watch(epoll, descriptor, UInt32(number), 0, 1)
    try drive(client, at: Self.now)
  }

  /// Waits for the server once, and does what it makes necessary.
  private mutating func turn() throws {
    let milliseconds = Int32(Self.timerPeriod.components.attoseconds / 1_000_000_000_000_000)
    let count = bench_wait(epoll, &events, Int32(events.count), milliseconds)
    for index in 0..<Int(count) {
      let event = events[index]
      let client = clients[Int(event.number)]
      if event.is_readable != 0 { try client.read(into: &buffer) }
      try drive(client, at: Self.now)
    }
    let now = Self.now
    if count > 0 { heardAt = now }
    guard heardAt.advanced(by: Self.stallLimit) > now else {
      throw Failure(
        "nothing has come for 30 s: \(openCount) of \(load.clientCount) clients are in, "
          + "\(tally.joinNoticeCount) notices of joining, \(tally.doneCount) messages are over, "
          + "\(tally.deliveryCount) deliveries")
    }
    if now >= nextTimers {
      nextTimers = now.advanced(by: Self.timerPeriod)
      for number in deadlines.indices where deadlines[number] <= now {
        try drive(clients[number], at: now)
      }
    }
  }

  private mutating func drive(_ client: Client<Protocol>, at now: Instant) throws {
    output.removeAll(keepingCapacity: true)
    let wasOpen = client.line.isOpen
    try client.line.drain(at: now, into: &output, &tally)
    if client.line.isOpen != wasOpen {
      guard !wasOpen else { throw Failure("the server has left client \(client.number)") }
      openCount += 1
    }
    deadlines[client.number] = client.line.deadline
    let wantedRoom = client.wantsRoom
    try client.write(output)
    if client.wantsRoom != wantedRoom {
      _ = bench_watch(
        epoll, client.descriptor, UInt32(client.number), client.wantsRoom ? 1 : 0, 0)
    }
  }
}
