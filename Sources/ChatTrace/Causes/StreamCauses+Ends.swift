extension StreamCauses {
  /// What the end of the session follows from.
  func links(of end: SessionEnd) -> [CauseLink] {
    switch end {
    case .clean, .unconfirmed:
      let last = max(clientToServer.goodbye, serverToClient.goodbye, goodbyeAnswer)
      return Self.links((last, .ending))
    case .error, .refused:
      let error = max(clientToServer.error, serverToClient.error)
      return error != 0 ? Self.links((error, .ending)) : lastFrames
    case .reset, .abrupt:
      if reset != 0 { return Self.links((reset, .ending)) }
      return givenUp != 0 ? Self.links((givenUp, .ending)) : lastFrames
    case .open: return lastFrames
    }
  }

  /// The last frame of each side: more is not known.
  private var lastFrames: [CauseLink] {
    Self.links((clientToServer.frame, .lastSign), (serverToClient.frame, .lastSign))
  }

  private static func links(_ list: (frame: UInt32, relation: CauseRelation)...) -> [CauseLink] {
    list.filter { $0.frame != 0 }.map { CauseLink($0.frame, $0.relation) }
  }
}
