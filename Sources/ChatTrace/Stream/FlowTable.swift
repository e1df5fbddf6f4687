public struct Flow { public var index: Int; public var isFromLower: Bool }
public struct FlowTable: Sendable {
  struct Key: Hashable { var a: Endpoint; var b: Endpoint }
  var d: [Key: Int] = [:]
  var n = 0
  public init() {}
  func key(_ s: Endpoint, _ t: Endpoint) -> (Key, Bool) {
    s < t ? (Key(a: s, b: t), true) : (Key(a: t, b: s), false)
  }
  public mutating func find(source: Endpoint, destination: Endpoint) -> Flow? {
    let (k, l) = key(source, destination); return d[k].map { Flow(index: $0, isFromLower: l) }
  }
  public mutating func insert(source: Endpoint, destination: Endpoint) -> Flow {
    let (k, l) = key(source, destination); d[k] = n; n += 1;
    return Flow(index: n - 1, isFromLower: l)
  }
  public mutating func replace(source: Endpoint, destination: Endpoint) -> Flow {
    insert(source: source, destination: destination)
  }
  public mutating func remove(stream: Int) {}
}
