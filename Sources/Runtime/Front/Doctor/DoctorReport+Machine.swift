import AudioDevices

// What the facts about sound and certificates mean. Pure.

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
