/// How a program says in its name that it disturbs frames itself (PROTOCOL.md 3.1, option 9).
///
/// Whoever watches the connection sees only what its faults have left; with this they need not take
/// the program for a peer that breaks the protocol.
public enum DisturbedName {
  private static let suffix = " (faults)"

  /// The name of a program whose fault rules are in force.
  public static func name(_ name: String) -> String {
    var name = name
    while name.utf8.count + suffix.utf8.count > 64 { name.removeLast() }
    return name + suffix
  }

  /// True if a name says so.
  public static func isDeclared(by name: String) -> Bool { name.hasSuffix(suffix) }
}
