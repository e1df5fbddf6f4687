public import ArgumentParser

/// What is done to frames on purpose: the options that all programs share.
public struct FaultOptions: ParsableArguments, Sendable {
  /// The rules.
  @Option(
    help: ArgumentHelp(
      "What goes wrong, for example \"drop 10% c2s\" (docs/FAULTS.md).", valueName: "rules"))
  public var faults: String?

  /// The path of a file with rules.
  @Option(help: ArgumentHelp("Fault rules from a file.", valueName: "file"), completion: .file())
  public var faultsFile: String?

  /// What decides.
  @Option(
    help: ArgumentHelp(
      "Decides what is drawn by lot; without it one is drawn, and printed.", valueName: "number"))
  public var seed: String?

  /// No faults.
  public init() {}
}
