internal import ChatProgram
internal import ChatWire

/// What the API looks at of a request.
struct APIRequest: Sendable {
  var method = "GET"
  /// As it was sent, without the query.
  var path = "/"
  var query = ""
  var host: String?
  var origin: String?
  var authorization: String?
  var token: String?
}

/// What the API answers.
struct APIResponse: Sendable, Equatable {
  var status = 200
  var contentType = "application/json"
  /// The methods that there are, if another was used.
  var allow: String?
  var body: [UInt8] = []

  /// JSON.
  init(status: Int = 200, _ json: JSONValue) {
    self.status = status
    json.encode(into: &body)
    body.append(UInt8(ascii: "\n"))
  }

  /// Text.
  init(text: String, contentType: String) {
    self.contentType = contentType
    body = Array(text.utf8)
  }

  /// A refusal, in a sentence.
  init(status: Int, error sentence: String) {
    self.init(status: status, .object([JSONMember("error", sentence)]))
  }

  /// The reply of the proxy.
  init(_ reply: ControlReply) {
    switch reply {
    case .failed(let sentence): self.init(status: 400, error: sentence)
    case .missing(let sentence): self.init(status: 404, error: sentence)
    case .done, .statistics, .connections, .rules, .interception: self.init(reply.json)
    }
  }
}
