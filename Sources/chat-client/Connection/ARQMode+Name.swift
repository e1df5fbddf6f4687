internal import ChatWire

extension ARQMode {
  /// `Go-Back-N`, `Selective Repeat`.
  var nameForPeople: String {
    switch self {
    case .goBackN: "Go-Back-N"
    case .selectiveRepeat: "Selective Repeat"
    }
  }
}
