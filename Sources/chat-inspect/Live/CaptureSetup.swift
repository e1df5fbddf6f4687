internal import ChatPosix
internal import ChatProgram

/// Opening an interface, with an answer for each way in which that fails.
enum CaptureSetup {
  static func interfaces() throws(Failure) -> [NetworkInterface] {
    do {
      return try NetworkInterface.all()
    } catch {
      throw failure(error, interface: "", filter: nil)
    }
  }

  static func open(
    _ interface: String, snapLength: Int32, filter: String?
  ) throws(Failure) -> LiveCapture {
    do {
      return try LiveCapture.open(interface: interface, snapLength: snapLength, filter: filter)
    } catch {
      throw failure(error, interface: interface, filter: filter)
    }
  }

  static func failure(
    _ error: LiveCaptureError, interface: String, filter: String?
  ) -> Failure {
    switch error {
    case .noPermission:
      let path = Programs.ownPath() ?? "chat-inspect"
      return Failure(
        """
        \(interface): you may not capture; use sudo, or allow this program once and for all: \
        sudo setcap cap_net_raw,cap_net_admin=eip \(path)
        """)
    case .noSuchInterface:
      let names = (try? NetworkInterface.all())?.map(\.name).joined(separator: ", ") ?? ""
      return Failure(
        names.isEmpty
          ? "there is no interface \(interface)"
          : "there is no interface \(interface); there are: \(names)")
    case .interfaceIsDown: return Failure("\(interface): the interface is down")
    case .badFilter(let message):
      return Failure("capture filter '\(filter ?? "")': \(message)", status: .badFilter)
    case .failed(let message):
      return Failure(interface.isEmpty ? message : "\(interface): \(message)")
    }
  }
}
