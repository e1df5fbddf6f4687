internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// The connection to a server, kept by a thread of its own: it connects, chats, connects again when
/// a connection breaks, and tells by events what happens.
///
/// `start`, then `perform` commands and take `events` from any thread, until `ended` comes.
final class ChatConnection: Sendable {
  /// What has happened, for whoever shows it.
  let events: ClientEvents
  private let shared: ConnectionShared
  private let settings: ClientSettings
  private let lens: LensFeed?
  private let checksum: CRC32
  private let thread = Locked<ChatPosix.Thread?>(nil)

  /// Prepares a connection.
  ///
  /// - Parameter lens: gets everything that goes over the wire.
  init(
    settings: ClientSettings, lens: LensFeed? = nil, checksum: CRC32
  ) throws(Failure) {
    self.lens = lens
    self.settings = settings
    self.checksum = checksum
    do throws(SystemError) {
      let wakeUp = try WakeUp()
      events = try ClientEvents(room: wakeUp)
      shared = ConnectionShared(
        events: events, wakeUp: wakeUp,
        status: ClientStatus(
          host: settings.host, port: settings.port, session: nil, native: nil,
          unacknowledgedCount: 0, faults: settings.faults.description, faultCount: 0))
    } catch {
      throw Failure("the connection cannot be prepared: \(error.message)")
    }
  }

  /// Opens the trace file and starts the thread; once.
  func start() throws(Failure) {
    var traceDescriptor: Int32?
    if let path = settings.tracePath { traceDescriptor = try TraceFile.open(path) }
    let (shared, settings, lens, checksum) = (shared, settings, lens, checksum)
    do throws(SystemError) {
      let started = try ChatPosix.Thread.start("connection") { [traceDescriptor] in
        let file = traceDescriptor.map {
          TraceFile(owning: $0, path: settings.tracePath ?? "")
        }
        // Without it the trace cannot be saved later; the chat can do without.
        let spool = lens == nil ? nil : try? TraceSpool()
        let trace = ConnectionTrace(file: file, lens: lens, spool: spool, checksum: checksum)
        ConnectionLoop(settings, shared, trace, checksum).run()
      }
      thread.withLock { $0 = started }
    } catch {
      throw Failure("a thread cannot be started: \(error.message)")
    }
  }

  /// Wants something of the connection; never waits.
  func perform(_ command: ClientCommand) {
    shared.commands.withLock { $0.append(command) }
    shared.wakeUp.signal()
  }

  /// Where the connection stands.
  func status() -> ClientStatus { shared.status.withLock { $0 } }

  /// The descriptor that is readable while events wait.
  var eventDescriptor: Int32 { events.pollDescriptor }

  /// What has happened since the last call, in order.
  func takeEvents() -> [ClientEvent] { events.take() }

  /// Waits until the thread has ended, and with it the connection and the trace; once.
  func waitForEnd() {
    thread.withLock { thread in
      defer { thread = nil }
      return thread
    }?.join()
  }
}

/// What the thread of a connection shares with the others.
struct ConnectionShared: Sendable {
  let events: ClientEvents
  let wakeUp: WakeUp
  let commands = Locked<[ClientCommand]>([])
  let status: Locked<ClientStatus>

  init(events: ClientEvents, wakeUp: WakeUp, status: ClientStatus) {
    self.events = events
    self.wakeUp = wakeUp
    self.status = Locked(status)
  }

  /// True if somebody wants an attempt to connect to be given up.
  var isInterrupted: Bool {
    commands.withLock { commands in
      commands.contains { command in
        switch command {
        case .quit, .abort, .reconnect: true
        case .say, .nickname, .who, .faults, .saveTrace: false
        }
      }
    }
  }
}

extension ChatConnection: ChatPartner {}
