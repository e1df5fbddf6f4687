internal import ChatWire

/// The screen before connecting; while connected, the settings.
public struct SessionForm: Sendable {
  /// What it is for.
  public enum Purpose: Sendable, Hashable {
    /// There is no connection yet.
    case connecting
    /// There is one, with these choices: what is changed says what will happen.
    case settings(current: SessionChoices)
  }

  /// What a key or the mouse has done.
  public enum Outcome: Sendable, Hashable {
    /// Nothing but that another field may be in focus.
    case none
    /// Something else stands in a field.
    case changed
    /// Everything is valid, and this is wanted.
    case done(SessionChoices)
    case cancelled
    /// The key means nothing here; `?` and `F1` are help.
    case unhandled
  }

  /// What it is for.
  public let purpose: Purpose
  private var form: Form

  /// A form with choices in its fields.
  ///
  /// - Parameter error: What went wrong in the last attempt, as a sentence; shown above.
  public init(_ choices: SessionChoices, purpose: Purpose = .connecting, error: String? = nil) {
    self.purpose = purpose
    func text(_ text: String?) -> Form.Content { .text(LineEdit(text ?? ""), usual: "") }
    let fields = SessionField.allCases.map { field in
      let content: Form.Content =
        switch field {
        case .host: text(choices.host)
        case .port: text(String(choices.port))
        case .nickname: text(choices.nickname)
        case .dialect: .choice(["native", "classic"], selected: choices.isClassic ? 1 : 0)
        case .mode:
          .choice(
            ["Go-Back-N", "Selective Repeat"], selected: choices.mode == .goBackN ? 0 : 1)
        case .window: text(choices.windowSize.map { String($0) })
        case .fragment: text(choices.fragmentSizeMax.map { String($0) })
        case .timeout: text(choices.timeout?.unitText)
        }
      return Form.Field(label: field.label, content: content, help: "")
    }
    let isSettings = purpose != .connecting
    form = Form(
      title: isSettings ? "Settings" : "Connect", message: error, fields: fields,
      button: isSettings
        ? ("Apply", "Enter applies what is changed; Escape leaves everything as it is.")
        : ("Connect", "Enter connects; ? is help, Escape gives up."))
    update()
  }

  /// What is wrong, to be shown above the fields; nil: nothing.
  public var error: String? {
    get { form.message }
    set { form.message = newValue }
  }

  /// What the fields say; nil if one of them is wrong.
  public var choices: SessionChoices? {
    guard case .value(let host) = SessionField.host(text(.host)),
      case .value(let port) = SessionField.port(text(.port)),
      case .value(let nickname) = SessionField.nickname(text(.nickname)),
      case .value(let window) = SessionField.window(text(.window)),
      case .value(let fragment) = SessionField.fragment(text(.fragment), isClassic: isClassic),
      case .value(let timeout) = SessionField.timeout(text(.timeout))
    else { return nil }
    return SessionChoices(
      host: host, port: port, nickname: nickname, isClassic: isClassic,
      mode: selected(.mode) == 0 ? .goBackN : .selectiveRepeat, windowSize: window,
      fragmentSizeMax: fragment, timeout: timeout)
  }

  /// Does what a key means.
  public mutating func handle(_ key: Key) -> Outcome { outcome(of: form.handle(key)) }

  /// Does what the mouse means, on the form as it is drawn in an area.
  public mutating func handle(_ mouse: MouseInput, in area: Area) -> Outcome {
    outcome(of: form.handle(mouse, in: area))
  }

  /// Puts a pasted text into the field in focus.
  public mutating func paste(_ text: String) -> Outcome { outcome(of: form.paste(text)) }

  /// Draws the form in the middle of an area.
  public func draw(on canvas: inout Canvas, in area: Area, signs: Signs) {
    form.draw(on: &canvas, in: area, signs: signs)
  }

  private mutating func outcome(of outcome: Form.Outcome) -> Outcome {
    switch outcome {
    case .none: return .none
    case .cancelled: return .cancelled
    case .unhandled: return .unhandled
    case .changed:
      update()
      return .changed
    case .pressed:
      if let choices { return .done(choices) }
      form.focus = form.fields.firstIndex { $0.error != nil } ?? form.focus
      return .none
    }
  }

  private var isClassic: Bool { selected(.dialect) == 1 }

  private func text(_ field: SessionField) -> String { form.fields[field.rawValue].text }

  private func selected(_ field: SessionField) -> Int {
    guard case .choice(_, let selected) = form.fields[field.rawValue].content else { return 0 }
    return selected
  }

  /// Works out what follows from the values: errors, help, and what will happen.
  private mutating func update() {
    for field in SessionField.allCases {
      let index = field.rawValue
      form.fields[index].help = field.help(isClassic: isClassic)
      form.fields[index].error = error(in: field)
      form.fields[index].consequence = consequence(of: field)
      form.fields[index].disabledReason =
        field == .mode && isClassic ? "native only" : nil
      if case .text(let line, _) = form.fields[index].content {
        form.fields[index].content = .text(line, usual: field.usual(isClassic: isClassic))
      }
    }
  }

  private func error(in field: SessionField) -> String? {
    func sentence(_ reading: SessionField.Reading<some Any>) -> String? {
      if case .wrong(let sentence) = reading { sentence } else { nil }
    }
    let text = text(field)
    return switch field {
    case .host: sentence(SessionField.host(text))
    case .port: sentence(SessionField.port(text))
    case .nickname: sentence(SessionField.nickname(text))
    case .window: sentence(SessionField.window(text))
    case .fragment: sentence(SessionField.fragment(text, isClassic: isClassic))
    case .timeout: sentence(SessionField.timeout(text))
    case .dialect, .mode: nil
    }
  }

  /// What will happen because a field is not as it is now; nil if it is.
  private func consequence(of field: SessionField) -> String? {
    guard case .settings(let current) = purpose else { return nil }
    func differs<Value: Equatable>(
      _ reading: SessionField.Reading<Value>, _ value: Value
    ) -> Bool {
      if case .value(value) = reading { false } else { true }
    }
    let text = text(field)
    let isChanged =
      switch field {
      case .host: differs(SessionField.host(text), current.host)
      case .port: differs(SessionField.port(text), current.port)
      case .nickname: differs(SessionField.nickname(text), current.nickname)
      case .dialect: isClassic != current.isClassic
      case .mode: !isClassic && selected(.mode) != (current.mode == .goBackN ? 0 : 1)
      case .window: differs(SessionField.window(text), current.windowSize)
      case .fragment:
        differs(
          SessionField.fragment(text, isClassic: isClassic), current.fragmentSizeMax)
      case .timeout: differs(SessionField.timeout(text), current.timeout)
      }
    guard isChanged else { return nil }
    return switch field {
    case .host, .port: "leaves this server"
    // A name can be taken, but not given back, without a new handshake.
    case .nickname: text.isEmpty ? "by reconnecting" : "at once"
    default: "by reconnecting"
    }
  }
}
