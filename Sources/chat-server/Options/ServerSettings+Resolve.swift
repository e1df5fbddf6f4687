internal import ChatProgram
internal import ChatWire

extension ServerSettings {
  /// The settings of a command line, over those of the environment and the configuration file.
  ///
  /// - Parameter drawSeed: called if faults are in force and nobody has given a seed.
  init(
    _ options: ServerOptions, _ sources: SettingSources, drawSeed: () -> UInt64
  ) throws(Failure) {
    self.init()
    let given = try Self.table.apply(options, sources, to: &self)
    if let queue = given["max-queue"] {
      guard queueByteCountMax >= messageSizeMax else {
        throw queue.failure(
          "a message of \(ByteCount.exact(messageSizeMax)) could not be delivered: "
            + "raise --max-queue, or lower --max-message")
      }
    } else {
      queueByteCountMax = max(queueByteCountMax, 2 * messageSizeMax)
    }
    isSeedDrawn = !faults.isEmpty && given["seed"] == nil
    if isSeedDrawn { faultSeed = drawSeed() }
  }

  /// What to say about faults when the server starts; nil if there are none.
  var faultAnnouncement: String? {
    guard !faults.isEmpty else { return nil }
    let count = faults.rules.count
    let rules = count == 1 ? "one fault rule is" : "\(count) fault rules are"
    return isSeedDrawn
      ? "\(rules) in force; to repeat what they do: --seed \(faultSeed)"
      : "\(rules) in force, with seed \(faultSeed)"
  }
}
