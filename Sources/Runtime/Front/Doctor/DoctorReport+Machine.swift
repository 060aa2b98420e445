import AudioDevices
import Screen
import Terminal

// What the facts about sound, the terminal and certificates mean. Pure.

extension DoctorReport.Group {
  /// Without sound a session still runs: the operator types, and the answer is read.
  static func audio(
    devices: [AudioDeviceList.Device], noCard: (text: String, remedy: String)?
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = []
    if let noCard { rows.append(.init(.absent, "sound card", noCard.text, remedy: noCard.remedy)) }
    for device in devices {
      let name = "\(device.role == .mic ? "mic" : "speaker"):\(device.name)"
      switch device.state {
      case .usable: rows.append(.init(.here, name, device.text))
      case .unusable(let text, let remedy):
        // Said once already, for the whole machine.
        if noCard == nil { rows.append(.init(.absent, name, text, remedy: remedy)) }
      case .notTried:
        rows.append(.init(.absent, name, "\(device.text.isEmpty ? "known by name" : device.text); not tried"))
      }
    }
    return .init("Sound", rows)
  }

  static func terminal(
    _ survey: TerminalSurvey, _ environment: TerminalEnvironment, minimum: Size
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = []
    // Without a terminal only --headless runs, and that needs none of this.
    let need: DoctorReport.Mark = survey.size == nil ? .absent : .missing
    if let size = survey.size {
      let text = "\(size.width)×\(size.height)"
      let isLarge = size.width >= minimum.width && size.height >= minimum.height
      rows.append(
        isLarge
          ? .init(.here, "size", text)
          : .init(
            .absent, "size", "\(text), too small for the console",
            remedy: "make the window at least \(minimum.width)×\(minimum.height), better 120×40"))
    } else {
      rows.append(.init(.absent, "size", "there is no terminal here", remedy: "run it in one, or with --headless"))
    }
    switch survey.abilities {
    case .failure(let error): rows.append(.init(need, "TERM", error.description))
    case .success(let abilities): rows += Self.rows(abilities, environment)
    }
    return .init("Terminal", rows)
  }

  private static func rows(_ abilities: TerminalAbilities, _ environment: TerminalEnvironment) -> [DoctorReport.Row] {
    var rows: [DoctorReport.Row] = [.init(.here, "TERM", abilities.term)]
    switch abilities.depth {
    case .direct: rows.append(.init(.here, "colours", "16 million"))
    case .indexed: rows.append(.init(.here, "colours", "256"))
    case .sixteen, .eight:
      rows.append(
        .init(
          .here, "colours", abilities.depth == .eight ? "8" : "16",
          remedy: "most terminals have 256: try TERM=xterm-256color"))
    case .mono where environment.noColor:
      rows.append(.init(.absent, "colours", "none, as NO_COLOR asks", remedy: "unset NO_COLOR"))
    case .mono:
      rows.append(
        .init(.absent, "colours", "none with this TERM", remedy: "if the terminal has them: TERM=xterm-256color"))
    }
    rows.append(
      abilities.utf8
        ? .init(.here, "characters", "UTF-8, drawn with \(abilities.glyphs.rawValue)")
        : .init(.absent, "characters", "ASCII only, by the locale", remedy: "export LANG=C.UTF-8"))
    rows.append(
      abilities.reportsMouse
        ? .init(.here, "mouse", "clicks, wheel and pasted text are reported")
        : .init(.absent, "mouse", "not reported by this terminal"))
    return rows
  }

  static func network(certificates: String?) -> DoctorReport.Group {
    .init(
      "Network",
      [
        certificates.map { .init(.here, "certificates", $0) }
          ?? .init(
            .absent, "certificates", "no certificate authorities: every wss:// server will be refused",
            remedy: "apt-get install ca-certificates, or connect with --cacert FILE")
      ])
  }
}
