import AudioDevices

// What the facts about sound and certificates mean. Pure.

extension DoctorReport.Group {
  /// Without sound a session still runs: the operator types, and the answer is read.
  ///
  /// - Parameter path: the way to the default speaker; nil where it cannot be opened.
  static func audio(
    devices: [AudioDeviceList.Device], noCard: (text: String, remedy: String)?, path: AudioDeviceList.Path? = nil
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = []
    // A sound server may have what it plays on elsewhere.
    let noCard = path == nil ? noCard : nil
    if let noCard { rows.append(.init(.absent, "sound card", noCard.text, remedy: noCard.remedy)) }
    if let path { rows.append(server(path)) }
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

  private static func server(_ path: AudioDeviceList.Path) -> DoctorReport.Row {
    let name = path.server.name ?? "none: ALSA goes to the device itself"
    guard let latency = path.latencyMs else {
      return .init(
        .absent, "sound server", "\(name); the default speaker does not move: its latency is not known",
        remedy: path.server == .none
          ? "play something else on it (speaker-test -t sine)"
          : "see whether its sink is suspended (pactl list short sinks)")
    }
    let text = "\(name); \(Int(latency.rounded())) ms from here to the speaker, our own buffer included"
    guard latency > 150 else { return .init(.here, "sound server", text) }
    return .init(
      .here, "sound server", "\(text): an interrupt is heard so much later",
      remedy: "a wireless link or a long buffer is behind it: name a wired device, as --output speaker:plughw:0,0")
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
