internal import ChatPosix
internal import ChatProgram
internal import ChatWire
internal import Logging

/// What every part of a server needs.
final class ServerContext: Sendable {
  let settings: ServerSettings
  let native: ServerConfiguration
  let classic: ClassicServerConfiguration
  let checksum = CRC32.forProgram
  let hub: Hub
  let buffers = ReadBuffers()
  let log: Logger
  let startedAt: Instant

  init(settings: ServerSettings, log: Logger) {
    self.settings = settings
    self.log = log
    hub = Hub(settings: settings)
    var native = ServerConfiguration()
    native.mode = settings.mode
    native.windowSizeMax = settings.windowSizeMax
    native.fragmentSizeMax = settings.fragmentSizeMax
    native.messageSizeMax = settings.messageSizeMax
    native.name =
      settings.faults.isEmpty ? settings.name : DisturbedName.name(settings.name)
    self.native = native
    var classic = ClassicServerConfiguration()
    classic.messageByteCountMax = settings.messageSizeMax
    classic.parameters.fragmentCharacters = settings.fragmentSizeMax
    if let mode = settings.mode { classic.parameters.mode = mode }
    self.classic = classic
    startedAt = Instant(nanoseconds: Clock.monotonicNanoseconds())
  }

  /// The moment, by the clock that never goes back.
  func now() -> Instant { Instant(nanoseconds: Clock.monotonicNanoseconds()) }

  /// Milliseconds since 1970 UTC.
  func realMilliseconds() -> UInt64 { UInt64(max(0, Clock.realNanoseconds() / 1_000_000)) }

  /// Sequence numbers and names of sessions have to be hard to guess.
  func randomNumber() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
