public import ChatWire

extension FaultMenu {
  /// The rules in force in so many cells, for a status bar.
  ///
  /// - Parameter disturbedCount: The frames to which something was done so far.
  public static func summary(
    rules: FaultRules, disturbedCount: Int, width: Int, signs: Signs
  ) -> String {
    let frames = disturbedCount == 1 ? "1 frame" : "\(disturbedCount) frames"
    let behind = disturbedCount > 0 ? " (\(frames))" : ""
    guard let first = rules.rules.first?.description else {
      return cut(["faults off" + behind, "faults off", "off"], to: width)
    }
    let count = rules.rules.count
    let more = count > 1 ? "; +\(count - 1) more" : ""
    let long = "faults: " + first + more + behind
    if Canvas.width(of: long) <= width { return long }
    // A rule of which a good part is seen says more than how many there are.
    let room = width - Canvas.width(of: "faults: " + signs.ellipsis + more + behind)
    if room >= 10 {
      var shown = ""
      var used = 0
      for character in first {
        let cells = Canvas.width(of: String(character))
        guard used + cells <= room else { break }
        shown.append(character)
        used += cells
      }
      return "faults: " + shown + signs.ellipsis + more + behind
    }
    let rules = count == 1 ? "1 rule" : "\(count) rules"
    return cut(
      [
        "faults: " + rules + behind, "faults: " + rules, "faults: \(count)", "faults on", "on",
      ], to: width)
  }

  /// The first text that has room; of the last, what has room.
  private static func cut(_ texts: [String], to width: Int) -> String {
    texts.first { $0.utf8.count <= width } ?? String(texts.last?.prefix(max(0, width)) ?? "")
  }
}
