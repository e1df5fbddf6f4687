internal import ChatProgram

/// The server itself.
enum Server {
  /// Serves until a signal asks it to end.
  static func run(_ settings: ServerSettings) throws(Failure) {}
}
