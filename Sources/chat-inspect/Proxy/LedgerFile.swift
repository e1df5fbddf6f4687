internal import ChatPosix
internal import ChatProgram
internal import ChatWire

/// The ledger of a run, written as it grows: what was done to which frame (docs/FAULTS.md).
struct LedgerFile: ~Copyable {
  private let path: String
  private let descriptor: FileDescriptor
  private var bytes: [UInt8] = []
  private var hasFailed = false
  private let messages: ProxyMessages

  /// Creates the file, which begins with the seed and the rules.
  init(
    _ path: String, seed: UInt64, rules: FaultRules, messages: ProxyMessages
  ) throws(Failure) {
    self.path = path
    self.messages = messages
    do throws(SystemError) {
      descriptor = try FileDescriptor.openForWriting(path)
    } catch {
      throw Failure("\(path): the ledger cannot be written: \(error.message)")
    }
    bytes = Array(FaultLedger(seed: seed, rules: rules).header.utf8)
    flush()
  }

  /// Writes down what rules have done to a frame.
  mutating func record(_ fate: Fate) {
    for act in fate.acts { append(FaultLedger.Entry(identity: fate.identity, act: act)) }
  }

  /// Writes down what was done to a frame by hand.
  mutating func record(_ change: FaultAct.Change, _ fate: Fate, rule: String) {
    append(FaultLedger.Entry(identity: fate.identity, act: FaultAct(rule: rule, change)))
  }

  /// Writes down what rules have done to the end of a direction.
  mutating func record(_ act: FaultAct, endOf direction: Direction, connection: Int) {
    let end = FrameIdentity(
      connection: connection, direction: direction, place: .end, attempt: 1)
    append(FaultLedger.Entry(identity: end, act: act))
  }

  private mutating func append(_ entry: FaultLedger.Entry) {
    guard !hasFailed else { return }
    bytes += entry.line.utf8
  }

  /// Hands what has been written down to the kernel.
  mutating func flush() {
    guard !bytes.isEmpty, !hasFailed else { return }
    do throws(SystemError) {
      try writeAll(bytes, to: descriptor.rawValue)
    } catch {
      hasFailed = true
      messages.say(
        "\(path): the ledger is not written any further: \(error.message); the chat goes on")
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
