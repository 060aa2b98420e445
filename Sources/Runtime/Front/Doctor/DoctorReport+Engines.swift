import Engines

// What the facts about the speech engines mean. Pure.

extension DoctorReport.Group {
  /// Without them a session still runs: the speech of Debian's packages serves.
  /// - Parameters:
  ///   - rows: nil when there is no folder to look in.
  ///   - path: that folder.
  static func engines(_ rows: [EngineReport.Row]?, path: String?) -> DoctorReport.Group {
    guard let rows, let path else {
      return .init(
        "Speech engines", [.init(.absent, "folder", "there is no home to keep them in", remedy: "set HOME")])
    }
    return .init("Speech engines in \(path)", rows.map(row))
  }

  private static func row(_ row: EngineReport.Row) -> DoctorReport.Row {
    let package = row.package
    let instead = "\(package.role.instead) instead"
    let text: String
    switch row.state {
    case .installed:
      guard let other = row.lacks else {
        return .init(.here, package.role.rawValue, "\(package.title), of \(package.nameAndVersion)")
      }
      text = "\(package.nameAndVersion) is here, but not \(other), which runs it; \(instead)"
    case .missing: text = "missing: \(instead)"
    case .damaged(let reasons): text = "damaged: \((reasons + [instead]).joined(separator: "; "))"
    }
    return .init(.absent, package.role.rawValue, text, remedy: "sidetone engines install")
  }
}
