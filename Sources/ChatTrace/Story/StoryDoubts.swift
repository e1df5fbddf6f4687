/// Why not everything that one side said is known.
struct StoryDoubts: Sendable {
  /// Bytes that were never captured.
  var missingBytes: UInt64 = 0
  /// Holes in the sequence numbers that were never filled.
  var holeCount = 0
  /// Messages whose beginning was not seen.
  var headlessCount = 0
  /// Messages with a frame that was not captured whole.
  var partCount = 0
  /// Messages that arrived damaged and are not repeated (classic broadcasts).
  var damagedCount = 0
  /// There was more than may be kept.
  var isTooLarge = false

  /// The doubts as sentences without a full stop, of what a side sent.
  func sentences(of side: String) -> [String] {
    var sentences: [String] = []
    func say(_ sentence: String, if applies: Bool) {
      if applies { sentences.append(sentence) }
    }
    func count(_ number: Int, _ one: String, _ many: String) -> String {
      number == 1 ? "1 \(one)" : "\(number) \(many)"
    }
    say(
      "\(missingBytes) \(missingBytes == 1 ? "byte" : "bytes") from the \(side) were not captured",
      if: missingBytes > 0)
    say(
      "\(count(holeCount, "run", "runs")) of frames from the \(side) never came undamaged",
      if: holeCount > 0 && missingBytes == 0)
    say(
      "the beginning of \(count(headlessCount, "message", "messages")) of the \(side) is not known",
      if: headlessCount > 0)
    say(
      "\(count(partCount, "message", "messages")) of the \(side) were not captured whole",
      if: partCount > 0)
    say(
      "\(count(damagedCount, "message", "messages")) of the \(side) came damaged",
      if: damagedCount > 0)
    say("more was said by the \(side) than is kept", if: isTooLarge)
    return sentences
  }
}
