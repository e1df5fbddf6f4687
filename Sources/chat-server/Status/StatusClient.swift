internal import ChatProgram
internal import ChatWire

/// Asks a server for its status.
enum StatusClient {
  /// Servers, and where they are found.
  static let program = ControlledProgram(
    noun: "server", plural: "servers", command: "chat-server", prefix: "chat-server-",
    answer: "status of a chat-server",
    // Ten thousand clients are about 5 MB.
    answerByteCountMax: 64 << 20)

  /// The status of the server whose control socket is at a path, and the document that says it.
  static func ask(_ path: String) throws(Failure) -> (json: JSONValue, status: ServerStatus) {
    let json = try program.ask(Array("status".utf8), at: path)
    do {
      return (json, try ServerStatus(json: json))
    } catch {
      throw program.unusable(path, error.message)
    }
  }
}
