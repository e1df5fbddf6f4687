internal import ChatPosix
internal import ChatProgram
internal import FlyingFox
internal import FlyingSocks
internal import Foundation

/// The HTTP API of a proxy: what `chat-inspect ctl` can do, for programs and browsers.
///
/// FlyingFox reads and writes HTTP in tasks; whoever is allowed in is answered by the proxy, which
/// a thread of this object asks, since tasks must not wait.
final class ControlAPI: Sendable {
  /// Where it listens, in figures.
  let address: ChatPosix.SocketAddress

  private enum Stage {
    case starting
    case listening
    case failed(String)
    case stopped
  }

  private let responder: APIResponder
  private let desk: ControlDesk
  private let stage = Locked(Stage.starting)
  private let task = Locked<Task<Void, Never>?>(nil)

  /// Finds out where it will listen: port 0 becomes one that is free.
  init(
    listen: ChatPosix.SocketAddress, token: String, ask port: any ControlPort
  ) throws(Failure) {
    do throws(ChatPosix.SocketError) {
      // It is left again at once, for FlyingFox, which knows neither names nor what it was given.
      address = try StreamListener(host: listen.host, port: listen.port).address()
    } catch {
      throw Failure("--api \(listen): \(error.message)")
    }
    do throws(SystemError) {
      desk = try ControlDesk(port)
    } catch {
      throw Failure("--api: no thread: \(error.message)")
    }
    let access = APIGuard(
      token: token, host: listen.host, address: address.host, port: address.port)
    responder = APIResponder(access: access, desk: desk)
  }

  deinit {
    stop()
  }

  /// Returns when requests are answered; not to be called in a task.
  func start() throws(Failure) {
    let (address, responder, stage) = (address, responder, stage)
    task.withLock { task in
      guard task == nil else { return }
      task = Task.detached {
        do {
          try await Self.serve(at: address, responder, stage)
        } catch {
          stage.change { stage in
            if case .starting = stage { stage = .failed(String(describing: error)) }
          }
        }
      }
    }
    let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
    let failure = stage.wait(untilNanoseconds: deadline) { stage -> String?? in
      switch stage {
      case .starting: nil
      case .listening, .stopped: .some(nil)
      case .failed(let reason): .some(reason)
      }
    }
    guard let failure else { throw Failure("--api \(address): it does not start in time") }
    if let failure { throw Failure("--api \(address): \(TerminalText.safe(failure))") }
  }

  /// Ends it; may be called more than once.
  func stop() {
    stage.change { $0 = .stopped }
    let running = task.withLock { $0 }
    running?.cancel()
    desk.stop()
  }

  /// Serves until the task is cancelled: FlyingFox gives up when there are no descriptors left,
  /// and is started again.
  private static func serve(
    at address: ChatPosix.SocketAddress, _ responder: APIResponder, _ stage: Locked<Stage>
  ) async throws {
    while true {
      let server = try makeServer(at: address, responder)
      let listening = Task {
        try await server.waitUntilListening(timeout: 30)
        stage.change { stage in
          if case .starting = stage { stage = .listening }
        }
      }
      defer { listening.cancel() }
      do {
        try await server.run()
      } catch {
        let isStarting = stage.withLock { stage in
          if case .starting = stage { return true }
          return false
        }
        if isStarting || Task.isCancelled { throw error }
      }
      try await Task.sleep(for: .seconds(1))
    }
  }

  private static func makeServer(
    at address: ChatPosix.SocketAddress, _ responder: APIResponder
  ) throws -> HTTPServer {
    let pool = BoundedPool(SocketPool.make())
    // Bodies up to what is allowed are read to their end by FlyingFox, others by us.
    func configuration(_ address: some FlyingSocks.SocketAddress) -> HTTPServer.Configuration {
      HTTPServer.Configuration(
        address: address, timeout: 30, sharedRequestReplaySize: APIRoute.bodyByteCountMax,
        pool: pool, logger: .disabled)
    }
    let configuration =
      address.host.contains(":")
      ? configuration(try .inet6(ip6: address.host, port: address.port))
      : configuration(try .inet(ip4: address.host, port: address.port))
    return HTTPServer(config: configuration, handler: responder)
  }
}

/// Answers the requests that FlyingFox has read.
private struct APIResponder: HTTPHandler {
  let access: APIGuard
  let desk: ControlDesk

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    let route = admit(APIRequest(request))
    // Also what nobody wants: it would be taken for the next request.
    let body = try await read(
      request.bodySequence, keeping: route.isAdmitted ? APIRoute.bodyByteCountMax : 0)
    do {
      return HTTPResponse(try await answer(try route.get(), body))
    } catch let refusal as APIRefusal {
      return HTTPResponse(refusal.response)
    }
  }

  private func admit(_ request: APIRequest) -> Result<APIRoute, APIRefusal> {
    if let refusal = access.refusal(of: request) { return .failure(APIRefusal(refusal)) }
    return Result { () throws(APIRefusal) in try APIRoute.find(request) }
  }

  private func answer(_ route: APIRoute, _ body: [UInt8]?) async throws -> APIResponse {
    let order = try route.request(body: body)
    if case .version = route { return APIRoute.versionResponse }
    guard let reply = await desk.ask(order) else {
      return APIResponse(status: 503, error: "too many requests wait already: try again")
    }
    return route.response(reply)
  }

  /// Reads a body to its end; nil if there was more than is to be kept.
  private func read(_ body: HTTPBodySequence, keeping byteCountMax: Int) async throws -> [UInt8]? {
    var bytes: [UInt8] = []
    var isTooLong = false
    for try await part in body {
      isTooLong = isTooLong || part.count > byteCountMax - bytes.count
      if !isTooLong { bytes += part }
    }
    return isTooLong ? nil : bytes
  }
}

extension Result {
  fileprivate var isAdmitted: Bool {
    if case .success = self { return true }
    return false
  }
}

extension APIRequest {
  fileprivate init(_ request: HTTPRequest) {
    method = request.method.rawValue
    path = request.target.path()
    query = request.target.query()
    host = request.headers[.host]
    origin = request.headers[HTTPHeader("Origin")]
    authorization = request.headers[.authorization]
    token = request.headers[HTTPHeader("X-Token")]
  }
}

extension HTTPResponse {
  fileprivate init(_ response: APIResponse) {
    var headers: HTTPHeaders = [
      .contentType: response.contentType, .cacheControl: "no-store",
      HTTPHeader("X-Content-Type-Options"): "nosniff",
    ]
    if let allow = response.allow { headers[HTTPHeader("Allow")] = allow }
    if response.status == 401 { headers[HTTPHeader("WWW-Authenticate")] = "Bearer" }
    self.init(
      statusCode: HTTPStatusCode(response.status, phrase: Self.phrase(response.status)),
      headers: headers, body: Data(response.body))
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Payload Too Large"
    case 503: "Service Unavailable"
    default: "Error"
    }
  }
}
