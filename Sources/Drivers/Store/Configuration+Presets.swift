extension Configuration.Preset {
  /// Reads the section `presets`: a name for each set of panes.
  static func list(_ section: SettingsEntry, _ panes: [String]) throws(SettingsError) -> [Configuration.Preset] {
    var presets: [Configuration.Preset] = []
    for entry in try section.section() { presets.append(try Configuration.Preset(entry, panes)) }
    return presets
  }

  private init(_ section: SettingsEntry, _ known: [String]) throws(SettingsError) {
    // The `:` line takes the name as one word.
    let isWord = !section.name.isEmpty && !section.name.contains(where: \.isWhitespace)
    guard isWord, section.key == "presets.\(section.name)" else {
      throw section.error("is no name for a set of panes", allowed: "one word without dots")
    }
    self.init(name: section.name, panes: [], sizes: [:])
    for entry in try section.section() {
      switch entry.name {
      case "panes": panes = try Self.panes(entry, known)
      case "sizes": sizes = try Self.sizes(entry, known + ["meters"])
      default: throw entry.unknown(["panes", "sizes"])
      }
    }
    guard !panes.isEmpty else {
      throw section.error("has no panes", allowed: "panes: [\(known.joined(separator: ", "))]")
    }
  }

  private static func panes(_ entry: SettingsEntry, _ known: [String]) throws(SettingsError) -> [String] {
    var panes: [String] = []
    for item in try entry.texts(allowed: "a list of panes: \(known.joined(separator: ", "))") {
      panes.append(try item.choice(known.map { ($0, $0) }))
    }
    return panes
  }

  /// Percent: between the two, whatever the terminal is like, there is room for other panes.
  private static func sizes(_ section: SettingsEntry, _ known: [String]) throws(SettingsError) -> [String: Double] {
    var sizes: [String: Double] = [:]
    for entry in try section.section() {
      guard known.contains(entry.name) else { throw entry.unknown(known) }
      sizes[entry.name] = Double(try entry.integer(in: 5...90, unit: "percent")) / 100
    }
    return sizes
  }
}
