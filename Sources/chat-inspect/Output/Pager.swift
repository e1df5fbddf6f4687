internal import ChatPosix

/// Which pager shows the output, and how it is started.
enum Pager {
  /// The exit code by which a shell says that there is no such command.
  static let notFoundCode: Int32 = 127

  /// The command of the pager, or nil to write to the terminal at once.
  static func command(environment: (String) -> String?, isInstalled: (String) -> Bool) -> String? {
    let command = environment("CHAT_INSPECT_PAGER") ?? environment("PAGER")
    guard let command else { return isInstalled("less") ? "less" : nil }
    return command == "cat" ? nil : command
  }

  /// Starts it; Ctrl-C is from then on its business.
  static func start(_ command: String) throws(SystemError) -> ChildProcess {
    let child = try ChildProcess(
      shellCommand: command, settingUnlessSet: [("LESS", "FRX"), ("LV", "-c")])
    Signals.ignoreInterrupts()
    return child
  }
}
