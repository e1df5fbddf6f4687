/// The connection, as whoever shows it sees it.
protocol ChatPartner: AnyObject, Sendable {
  /// Wants something of the connection; never waits.
  func perform(_ command: ClientCommand)
  /// Readable while events can be taken.
  var eventDescriptor: Int32 { get }
  /// What has happened since the last call, in order.
  func takeEvents() -> [ClientEvent]
  /// Where the connection stands.
  func status() -> ClientStatus
}
