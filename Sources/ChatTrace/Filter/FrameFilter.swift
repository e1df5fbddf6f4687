public import ChatWire

/// A display filter for frames as they arrive, before a trace knows more of them.
///
/// The language is that of `Filter`. Fields are refused that only the analysis of the whole trace
/// knows, or that depend on when and how a frame came: so a frame passes, or does not, in every run
/// alike. What a payload says is known of frames that are a whole message by themselves.
public struct FrameFilter: Sendable {
  /// The filter as it was written.
  public let text: String
  private let program: FilterProgram

  /// Makes a filter from its text; the empty text lets everything pass.
  public init(_ text: String, matcher: RegularExpressionCompiler?) throws(FilterError) {
    self.text = text
    program = try FilterParser.program(of: text, scope: .arrivingFrame, matcher: matcher)
  }

  /// True if a frame passes.
  ///
  /// - Parameters:
  ///   - frame: Its bytes, the header included.
  ///   - header: Its header as read.
  ///   - identified: Which frame it is, as `FrameIdentifier` or the `Fate` of a frame says.
  public func matches(
    _ frame: RawSpan, header: FrameHeader, dialect: Dialect, identified: IdentifiedFrame
  ) -> Bool {
    matches(
      payload: frame.extracting(droppingFirst: min(dialect.headerSize, frame.byteCount)),
      header: header, dialect: dialect, identified: identified)
  }

  /// True if a frame with a payload passes.
  func matches(
    payload: RawSpan, header: FrameHeader, dialect: Dialect, identified: IdentifiedFrame
  ) -> Bool {
    var event = TraceEvent(arriving: identified, header: header, dialect: dialect)
    if program.readsPayload { event.readPayload(payload) }
    return program.evaluate(program.root, event, payload)
  }
}

extension FaultFilterLanguage {
  /// The display filter, for `where (...)` in fault rules.
  ///
  /// - Parameter matcher: Compiles regular expressions; without one `matches` is refused.
  public static func displayFilter(matcher: RegularExpressionCompiler?) -> FaultFilterLanguage {
    FaultFilterLanguage(isField: { Fields.find($0) != nil }) { text throws(FaultFilterError) in
      do throws(FilterError) {
        let filter = try FrameFilter(text, matcher: matcher)
        return { frame, header, dialect, payload in
          filter.matches(payload: payload, header: header, dialect: dialect, identified: frame)
        }
      } catch {
        throw FaultFilterError(error.message, at: error.range)
      }
    }
  }
}
