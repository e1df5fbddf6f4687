internal import ChatWire

/// Everything that can be set about a program, and how the layers come together.
///
/// The command line goes before the environment, that before the configuration file (in which the
/// program's section goes before the lines in front of it), and that before the defaults.
public struct SettingsTable<Options, Settings>: Sendable {
  /// The program's section in a file.
  public let section: String
  /// What can be set.
  public let settings: [Setting<Options, Settings>]
  /// All names that the section may have; this table may use only some of them.
  let ownNames: [String]
  /// Names that may stand before the first section for the sake of another program.
  let otherNames: [String]

  /// Makes a table.
  public init(
    section: String, _ settings: [Setting<Options, Settings>], ownNames: [String],
    otherNames: [String]
  ) {
    self.section = section
    self.settings = settings
    self.ownNames = ownNames
    self.otherNames = otherNames
  }

  /// Puts the layers over the defaults in `target`, and returns what was given, by name.
  @discardableResult
  public func apply(
    _ options: Options, _ sources: SettingSources, to target: inout Settings
  ) throws(Failure) -> [String: SettingText] {
    let layers = [
      fromOptions(options), fromEnvironment(sources.environment), try fromFile(sources),
    ]
    var given: [String: SettingText] = [:]
    for layer in layers {
      let earlier = given
      for setting in settings {
        guard let text = layer[setting.name], earlier[setting.name] == nil else { continue }
        if let other = setting.alternative {
          // What says the same in a layer above goes before it, as it would itself.
          if earlier[other] != nil { continue }
          if let rival = layer[other] { throw Self.conflict(text, rival) }
        }
        given[setting.name] = text
      }
    }
    for setting in settings {
      if let text = given[setting.name] { try setting.assign(&target, text) }
    }
    return given
  }

  private static func conflict(_ one: SettingText, _ other: SettingText) -> Failure {
    let both = "\(one.origin.description) and \(other.origin.description)"
    return Failure("\(both) exclude each other: give one of them")
  }

  // MARK: layers

  private func fromOptions(_ options: Options) -> [String: SettingText] {
    var layer: [String: SettingText] = [:]
    for setting in settings {
      guard let text = setting.option(options) else { continue }
      layer[setting.name] = SettingText(text, from: .option("--" + setting.name))
    }
    return layer
  }

  private func fromEnvironment(_ environment: (String) -> String?) -> [String: SettingText] {
    var layer: [String: SettingText] = [:]
    for setting in settings {
      let name = setting.environmentName
      guard let text = environment(name), !text.isEmpty else { continue }
      layer[setting.name] = SettingText(text, from: .environment(name))
    }
    return layer
  }

  private func fromFile(_ sources: SettingSources) throws(Failure) -> [String: SettingText] {
    guard let (path, file) = sources.file else { return [:] }
    var common: [String: SettingText] = [:]
    var own: [String: SettingText] = [:]
    for entry in file.entries where entry.section == nil || entry.section == section {
      try check(entry, in: path)
      guard let setting = settings.first(where: { $0.name == entry.key }) else { continue }
      let text = try text(of: entry, in: path, for: setting)
      if entry.section == nil { common[entry.key] = text } else { own[entry.key] = text }
    }
    // An alternative in the section stands for what is common, too.
    for setting in settings where own[setting.name] != nil {
      if let other = setting.alternative { common[other] = nil }
    }
    return common.merging(own) { $1 }
  }

  /// Fails if the key is not known where it stands.
  private func check(_ entry: ConfigurationFile.Entry, in path: String) throws(Failure) {
    if ownNames.contains(entry.key) { return }
    let known = ownNames + (entry.section == nil ? otherNames : [])
    if known.contains(entry.key) { return }
    let place = "\(path), line \(entry.keyPlace.line), column \(entry.keyPlace.column): "
    let name = TerminalText.cut(entry.key, scalarCountMax: 40)
    let near = NearestName.find(entry.key, among: known).map { "; did you mean \($0)?" } ?? ""
    let what =
      entry.section == nil
      ? "there is no setting '\(name)'" : "there is no setting '\(name)' under [\(section)]"
    throw Failure(place + what + near)
  }

  private func text(
    of entry: ConfigurationFile.Entry, in path: String, for setting: Setting<Options, Settings>
  ) throws(Failure) -> SettingText {
    let value =
      switch entry.value {
      case .text(let text), .number(let text): text
      case .flag(let value): value ? "true" : "false"
      }
    let text = SettingText(
      value, spelling: entry.spelling,
      from: .file(
        path: path, line: entry.valuePlace.line, column: entry.valuePlace.column, key: entry.key))
    guard setting.kind.accepts(entry.value) else { throw text.failure(setting.kind.expectation) }
    return text
  }
}
