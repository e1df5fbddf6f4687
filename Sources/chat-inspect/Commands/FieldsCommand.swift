internal import ChatProgram
internal import ArgumentParser
internal import ChatTrace

/// `chat-inspect fields`: what can be filtered and printed.
struct FieldsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fields",
    abstract: "List every field that -Y and -e understand, with its type and meaning.")

  @OptionGroup var style: StyleOptions

  func run() throws {
    let output = style.makeOutput(OutputStyle.decide(style.color))
    output.write(FieldsTable.text())
    try output.finish()
  }
}
