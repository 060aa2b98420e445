import Audio
import Engines

// What the facts about the speech engines mean. Pure.

extension DoctorReport.Group {
  /// Without them a session still runs: the speech of Debian's packages serves.
  /// - Parameters:
  ///   - rows: nil when there is no folder to look in.
  ///   - path: that folder.
  ///   - detector: what was chosen to tell when the user speaks; nil: the best that there is.
  ///   - fault: why Silero cannot.
  static func engines(
    _ rows: [EngineReport.Row]?, path: String?, microphone detector: MicrophoneDetectorKind?, _ fault: EngineFault?
  ) -> DoctorReport.Group {
    guard let rows, let path else {
      return .init(
        "Speech engines", [.init(.absent, "folder", "there is no home to keep them in", remedy: "set HOME")])
    }
    return .init("Speech engines in \(path)", rows.map(row) + [microphone(detector, fault)])
  }

  private static func microphone(_ detector: MicrophoneDetectorKind?, _ fault: EngineFault?) -> DoctorReport.Row {
    let name = "microphone"
    if detector == .energy { return .init(.here, name, "energy tells when you speak, as chosen") }
    guard let fault else { return .init(.here, name, "Silero tells when you speak") }
    // What was named and is missing ends the program at its start.
    guard detector == nil else {
      return .init(.missing, name, "Silero cannot tell when you speak: \(fault.reason)", remedy: fault.remedy)
    }
    return .init(.absent, name, "energy tells when you speak: \(fault.reason)", remedy: fault.remedy)
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
