/// The list of fields for people: name, type, meaning, aliases.
public enum FieldsTable {
  private static let columnsMax = 100

  /// The list, grouped by kind of record, at most 100 columns wide.
  public static func text() -> String {
    var lines = [
      "Fields of the trace, for -Y, -e and fault rules: bare, or after \"chat.\": chat.sequence."
    ]
    for group in FieldDescription.Group.allCases {
      let members = Fields.all.filter { $0.group == group }
      lines += ["", group.heading]
      let nameWidth = members.map { $0.name.utf8.count }.max() ?? 0
      let typeWidth = members.map { $0.type.name.utf8.count }.max() ?? 0
      for member in members {
        append(member, nameWidth: nameWidth, typeWidth: typeWidth, to: &lines)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func append(
    _ member: FieldDescription, nameWidth: Int, typeWidth: Int, to lines: inout [String]
  ) {
    var line = "  " + padded(member.name, to: nameWidth) + "  "
    line += padded(member.type.name, to: typeWidth) + " "
    let indent = String(repeating: " ", count: line.utf8.count)
    var isBare = true
    for word in meaning(of: member).split(separator: " ") {
      if !isBare, line.utf8.count + 1 + word.utf8.count > columnsMax {
        lines.append(line)
        line = indent
      }
      line += " " + word
      isBare = false
    }
    lines.append(line)
  }

  /// The meaning, the names that an enumeration has, and the aliases.
  private static func meaning(of member: FieldDescription) -> String {
    var text = member.meaning
    if case .enumeration(let enumeration) = member.type {
      text += ": " + enumeration.names.joined(separator: ", ") + "."
    }
    if !member.aliases.isEmpty { text += " Also " + member.aliases.joined(separator: ", ") + "." }
    return text
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.utf8.count))
  }
}
