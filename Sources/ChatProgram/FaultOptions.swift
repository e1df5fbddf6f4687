public import ArgumentParser

/// What is done to frames on purpose: the options that all programs share.
public struct FaultOptions: ParsableArguments, Sendable {
  /// Fault rules.
  @Option(
    help: ArgumentHelp(
      "What goes wrong, for example \"drop 10% c2s\" (docs/FAULTS.md).", valueName: "rules"))
  public var faults: String?

  /// The file that fault rules are in.
  @Option(help: ArgumentHelp("Fault rules from a file.", valueName: "file"), completion: .file())
  public var faultsFile: String?

  /// The seed as it was written.
  @Option(
    help: ArgumentHelp(
      "Decides what is drawn by lot; without it one is drawn, and printed.", valueName: "number"))
  public var seed: String?

  /// No faults.
  public init() {}

  /// Why a program that is one of the two ends refuses `slow_close`.
  public static let refusalOfEnds =
    "slow_close needs somebody between the two ends, as chat-inspect proxy or simulate"
}
