extension Duration {
  /// In the largest unit in which it is whole: `20ms`, `1500us`, `90s`.
  public var unitText: String {
    let count = nanoseconds
    if count.isMultiple(of: 1_000_000_000) { return "\(count / 1_000_000_000)s" }
    if count.isMultiple(of: 1_000_000) { return "\(count / 1_000_000)ms" }
    if count.isMultiple(of: 1_000) { return "\(count / 1_000)us" }
    return "\(count)ns"
  }
}
