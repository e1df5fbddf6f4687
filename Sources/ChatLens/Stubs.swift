public import ChatTrace
public import ChatWire
public struct Lesson: Sendable {
  public enum Subject: String, CaseIterable, Sendable { case corruption, loss }
  public static let windowSize = 4
  public static let fragmentSize = 16
  public var rules: String { "drop nth 2 DATA c2s" }
  public var message: String { "x" }
  public init(_ subject: Subject, mode: ARQMode) {}
  public mutating func record(_ event: TraceEvent, number: Int) {}
  public func next(after: Int) -> Int? { nil }
  public func previous(before: Int) -> Int? { nil }
}
public struct LessonView {
  public init(_ lesson: Lesson, lens: Lens, signs: Signs) {}
  public func draw(on canvas: inout Canvas, in area: Area) {}
}
