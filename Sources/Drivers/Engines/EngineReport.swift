/// What `sidetone engines list` says: how it stands with each engine, what it gives, its licences and where it is from.
public struct EngineReport: Sendable {
  /// One engine.
  public struct Row: Sendable, Equatable {
    public var package: EnginePackage
    public var state: EngineFolder.State
    /// What else must be there before it can work, and is not: the name of a package.
    public var lacks: String?

    public var works: Bool { state == .installed && lacks == nil }

    public init(package: EnginePackage, state: EngineFolder.State, lacks: String? = nil) {
      self.package = package
      self.state = state
      self.lacks = lacks
    }
  }

  public var rows: [Row]
  private let folder: EngineFolder
  private let processor: EnginePackage.Processor?

  /// Looks at the folder.
  public init(
    _ folder: EngineFolder, packages: [EnginePackage] = EnginePackage.table,
    processor: EnginePackage.Processor? = .current
  ) {
    let states = packages.map { folder.state(of: $0, on: processor) }
    rows = zip(packages, states).map { package, state in
      let other = package.runsOn.flatMap { name in packages.firstIndex { $0.name == name } }
      return Row(
        package: package, state: state, lacks: other.flatMap { states[$0] == .installed ? nil : packages[$0].name })
    }
    self.folder = folder
    self.processor = processor
  }

  /// For people, with a line feed at its end.
  public var text: String {
    var lines = ["Speech engines in \(folder.path)"]
    if processor == nil { lines.append(EngineFault.wrongProcessor.reason) }
    for row in rows {
      lines += ["", "\(row.package.title): \(row.package.role.rawValue)"]
      lines += facts(of: row).map { name, text in
        "  \(name)\(String(repeating: " ", count: 12 - name.count))\(text)"
      }
    }
    if let remedy { lines += ["", remedy] }
    return lines.joined(separator: "\n") + "\n"
  }

  private func facts(of row: Row) -> [(String, String)] {
    let package = row.package
    var facts = [("package", package.nameAndVersion)]
    switch row.state {
    case .installed: facts.append(("state", row.lacks.map { "installed, but \($0) is not" } ?? "installed"))
    case .missing: facts.append(("state", "missing: \(package.role.instead) instead"))
    case .damaged(let reasons):
      facts.append(("state", "damaged: \(package.role.instead) instead"))
      facts += reasons.map { ("", $0) }
    }
    if let wheel = processor.flatMap({ package.wheels[$0] }) {
      facts.append(("size", "\(megabytes(wheel.bytes)) to fetch, \(megabytes(wheel.keptBytes)) kept"))
    }
    if let other = package.runsOn { facts.append(("runs on", "the ONNX Runtime of \(other)")) }
    facts += package.licences.enumerated().map { index, licence in
      (index == 0 ? "licence" : "", "\(licence.part): \(licence.name)")
    }
    facts.append(("from", package.provenance))
    return facts
  }

  private var remedy: String? {
    guard let processor else { return nil }
    let missing = rows.filter { $0.state != .installed }.compactMap { $0.package.wheels[processor] }
    guard !missing.isEmpty else { return nil }
    return "`sidetone engines install` fetches what is missing: \(megabytes(missing.reduce(0) { $0 + $1.bytes }))."
  }
}
