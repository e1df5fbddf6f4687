import ChatWire

// The lines of `why -T ndjson`; docs/WHY.md has the keys, which are a contract like those of the
// trace.

/// Writes explanations for programs: a JSON object for each step, and for each root.
public struct CauseNDJSONRenderer: Sendable {
  /// Makes a renderer.
  public init() {}

  /// Appends why something is.
  public func render(_ answer: CauseAnswer, into output: inout [UInt8]) {
    for step in answer.steps {
      output.append(
        step: step.event, "step", depth: step.depth, relation: step.relation, parent: nil,
        step.links, step.decisions)
    }
    for root in answer.roots { output.append(root, "root") }
    for trouble in answer.troubles { output.append(trouble, "trouble") }
  }

  /// Appends what followed from a frame.
  public func render(
    _ tree: EffectTree, _ witness: CauseWitness, into output: inout [UInt8]
  ) {
    for step in tree.steps {
      guard let event = witness.events[step.frame] else { continue }
      var links: [CauseLink] = []
      if let relation = step.relation {
        links = [CauseLink(UInt32(truncatingIfNeeded: step.parent), relation)]
      }
      output.append(
        step: event, "effect", depth: step.depth, relation: step.relation,
        parent: step.parent > 0 ? step.parent : nil, links,
        witness.decisions[step.frame] ?? [])
    }
    output.append(#"{"schema_version":1,"kind":"left_out","count":"#)
    output.append(decimal: UInt64(tree.leftOut))
    output.append("}\n")
  }
}

extension [UInt8] {
  fileprivate mutating func append(
    step event: TraceEvent, _ kind: StaticString, depth: Int, relation: CauseRelation?,
    parent: UInt64?, _ links: [CauseLink], _ decisions: [Note]
  ) {
    append(#"{"schema_version":1,"kind":""#)
    append(kind)
    append(#"","depth":"#)
    append(decimal: UInt64(depth))
    if let relation { append(#","relation":"#, json: relation.name) }
    if let parent {
      append(#","parent":"#)
      append(decimal: parent)
    }
    if event.kind == .frame {
      append(#","frame":"#)
      write(atMost: 24) { $0.put(jsonInteger: event.frame) }
    }
    write(atMost: 64) { $0.put(jsonTime: event.time) }
    append(#","stream":"#)
    append(decimal: UInt64(clamping: event.stream))
    if event.kind == .frame {
      append(#","direction":"#, json: event.direction.name)
      append(#","type":"#, json: event.typeName)
      append(#","sequence":"#)
      append(decimal: UInt64(event.sequence))
    }
    if let end = event.end { append(#","end":"#, json: end.name) }
    if let explanation = explanation(event, links) {
      append(#","id":"#, json: explanation.id)
      append(#","text":"#, json: explanation.text)
    }
    append(#","because":["#)
    var isFirst = true
    for link in links where link.relation.strength > .mentioned {
      if !isFirst { append(",") }
      isFirst = false
      append(decimal: link.frame)
    }
    append("]")
    append(jsonNotes: event.notes + decisions)
    append("}\n")
  }

  /// What explains a frame best: its own way of following, or else its worst note.
  private func explanation(
    _ event: TraceEvent, _ links: [CauseLink]
  ) -> (id: String, text: String)? {
    for note in event.notes {
      for index in 0..<note.causes.count {
        let relation = note.relation(ofCause: index)
        guard relation.strength > .mentioned,
          links.contains(where: { $0.frame == note.causes[index] && $0.relation == relation })
        else { continue }
        return (note.id.name, note.text)
      }
    }
    for link in links {
      guard let text = link.relation.sentence(link.frame) else { continue }
      return ("why.\(link.relation.name)", text)
    }
    guard let worst = event.notes.max(by: { $0.severity < $1.severity }) else { return nil }
    return (worst.id.name, worst.text)
  }

  fileprivate mutating func append(_ root: CauseRoot, _ kind: StaticString) {
    append(#"{"schema_version":1,"kind":""#)
    append(kind)
    append(#"","id":"#, json: root.kind.name)
    append(#","frames":["#)
    for (index, frame) in root.frames.enumerated() {
      if index > 0 { append(",") }
      append(decimal: frame)
    }
    append("]")
    if let rule = root.rule { append(#","rule":"#, json: rule) }
    append(#","text":"#, json: root.text)
    append("}\n")
  }
}
