// The lines of `-T ndjson`. The keys, their order and on which records they stand are a contract
// (docs/TRACE.md): add keys at the end, never rename or move one.

import ChatWire

/// Renders a trace as NDJSON: one JSON object a line.
///
/// What is not known is absent. Integers beyond 2^53-1 are strings, since many readers of JSON hold
/// numbers as doubles.
public struct NDJSONRenderer: Sendable {
  /// Whether frames carry `payload_hex`.
  public let includesPayload: Bool
  /// When the last record was, for the summary.
  private var lastTime: TraceTime?

  /// Makes a renderer; `includesPayload` adds `payload_hex` to frames.
  public init(includesPayload: Bool) {
    self.includesPayload = includesPayload
  }

  /// Appends the line of a record; `payload` is what was captured of a frame's.
  public mutating func render(
    _ event: TraceEvent, payload: RawSpan, into output: inout [UInt8]
  ) {
    lastTime = event.time
    switch event.kind {
    case .frame: output.append(frame: event, payload: payload, includesPayload: includesPayload)
    case .tcp: output.append(tcp: event)
    case .gap, .junk: output.append(hole: event)
    case .fault: output.append(fault: event)
    case .session: output.append(session: event)
    case .summary: break
    }
  }

  /// Appends the line of the summary, with the time given or else that of the last record.
  public mutating func render(
    _ summary: TraceSummary, at time: TraceTime? = nil, into output: inout [UInt8]
  ) {
    output.append(summary, at: time ?? summary.time ?? lastTime)
  }
}

extension [UInt8] {
  fileprivate mutating func append(tcp event: TraceEvent) {
    write(atMost: 160) {
      $0.put(#"{"schema_version":1,"kind":"tcp""#)
      $0.put(jsonTime: event.time)
      $0.put(#","stream":"#)
      $0.put(decimal: UInt64(clamping: event.stream))
      if let tcpEvent = event.tcpEvent {
        $0.put(#","event":""#)
        $0.put(tcpEvent: tcpEvent)
        $0.put("\"")
      }
    }
    if let client = event.client { append(#","client":"#, json: client) }
    if let server = event.server { append(#","server":"#, json: server) }
    append("}\n")
  }

  /// A gap or a run of junk.
  fileprivate mutating func append(hole event: TraceEvent) {
    write(atMost: 320) {
      $0.put(#"{"schema_version":1,"kind":""#)
      $0.put(event.kind == .gap ? "gap\"" : "junk\"")
      $0.put(jsonTime: event.time)
      $0.put(#","stream":"#)
      $0.put(decimal: UInt64(clamping: event.stream))
      $0.put(#","direction":""#)
      $0.put(event.direction == .clientToServer ? "c2s\"" : "s2c\"")
      if event.isLostFrame {
        $0.put(#","type_code":"#)
        $0.put(decimal: UInt64(event.typeCode))
        $0.put(#","sequence":"#)
        $0.put(decimal: UInt64(event.sequence))
      }
      $0.put(#","length":"#)
      $0.put(jsonInteger: event.length)
      $0.put(#","offset":"#)
      $0.put(jsonInteger: event.offset)
      $0.put("}\n")
    }
  }

  fileprivate mutating func append(fault event: TraceEvent) {
    write(atMost: 192) {
      $0.put(#"{"schema_version":1,"kind":"fault""#)
      if event.frame != 0 {
        $0.put(#","frame":"#)
        $0.put(jsonInteger: event.frame)
      }
      $0.put(jsonTime: event.time)
      $0.put(#","stream":"#)
      $0.put(decimal: UInt64(clamping: event.stream))
    }
    append(jsonNotes: event.notes)
    if let rule = event.rule { append(#","rule":"#, json: rule) }
    if let action = event.action { append(#","action":"#, json: action) }
    append(#","direction":""#)
    append(event.direction == .clientToServer ? "c2s\"" : "s2c\"")
    append("}\n")
  }

  fileprivate mutating func append(session event: TraceEvent) {
    write(atMost: 160) {
      $0.put(#"{"schema_version":1,"kind":"session""#)
      $0.put(jsonTime: event.time)
      $0.put(#","stream":"#)
      $0.put(decimal: UInt64(clamping: event.stream))
    }
    append(jsonNotes: event.notes)
    if let state = event.state { append(#","state":"#, json: state.name) }
    if let mode = event.mode { append(#","mode":"#, json: mode.name) }
    write(atMost: 96) {
      $0.put(#","window":"#, event.window)
      $0.put(#","fragment":"#, event.fragmentSize)
    }
    if let end = event.end { append(#","end":"#, json: end.name) }
    append("}\n")
  }

  fileprivate mutating func append(_ summary: TraceSummary, at time: TraceTime?) {
    write(atMost: 192) {
      $0.put(#"{"schema_version":1,"kind":"summary""#)
      $0.put(jsonTime: time)
      $0.put(#","packets":"#)
      $0.put(jsonInteger: summary.packets)
      $0.put(#","other_streams":"#)
      $0.put(jsonInteger: summary.otherStreams)
      $0.put(#","streams":["#)
    }
    var isFirst = true
    for stream in summary.streams {
      append(isFirst ? #"{"stream":"# : #",{"stream":"#)
      isFirst = false
      append(decimal: UInt64(clamping: stream.stream))
      append(#","verdict":"#, json: stream.verdict.name)
      append(#","c2s":"#)
      append(stream.clientToServer)
      append(#","s2c":"#)
      append(stream.serverToClient)
      append("}")
    }
    append("]}\n")
  }

  private mutating func append(_ ledger: TraceSummary.Ledger) {
    write(atMost: 256) {
      $0.put(#"{"bytes":"#)
      $0.put(jsonInteger: ledger.bytes)
      $0.put(#","frame_bytes":"#)
      $0.put(jsonInteger: ledger.frameBytes)
      $0.put(#","gap_bytes":"#)
      $0.put(jsonInteger: ledger.gapBytes)
      $0.put(#","junk_bytes":"#)
      $0.put(jsonInteger: ledger.junkBytes)
      $0.put(#","undecided_bytes":"#)
      $0.put(jsonInteger: ledger.undecidedBytes)
      $0.put("}")
    }
  }

  /// Appends a key and a text.
  mutating func append(_ key: StaticString, json text: String) {
    append(key)
    append(json: text)
  }
}

extension TraceEvent {
  /// Whether a run of junk began with a header whose framing was then lost.
  ///
  /// Then `typeCode` and `sequence` hold what was found there. The analysis marks it with `code` 1.
  var isLostFrame: Bool { kind == .junk && code == 1 }

  /// Marks a run of junk as one that began with a header.
  mutating func markLostFrame() { code = 1 }
}
