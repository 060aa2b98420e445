import AudioDevices
import SocketProtocol

// What the facts about sound and certificates mean. Pure.

extension DoctorReport.Group {
  /// Without sound a session still runs: the operator types, and the answer is read.
  ///
  /// - Parameter path: the way to the default speaker; nil where it cannot be opened.
  static func audio(
    devices: [AudioDevice], noCard: (text: String, remedy: String)?, path: AudioSurvey.Path? = nil
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

  private static func server(_ path: AudioSurvey.Path) -> DoctorReport.Row {
    let name = path.server ?? "none: ALSA goes to the device itself"
    guard let latency = path.latencyMs else {
      return .init(
        .absent, "sound server", "\(name); the default speaker does not move: its latency is not known",
        remedy: path.server == nil
          ? "play something else on it (speaker-test -t sine)"
          : "see whether its sink is suspended (pactl list short sinks)")
    }
    let text = "\(name); \(Int(latency.rounded())) ms from here to the speaker, our own buffer included"
    guard latency > 150 else { return .init(.here, "sound server", text) }
    return .init(
      .here, "sound server", "\(text): an interrupt is heard so much later",
      remedy: "a wireless link or a long buffer is behind it: name a wired device, as --output speaker:plughw:0,0")
  }

  static func network(
    certificates: String?, proxies: ProxySettings = ProxySettings(environment: [:])
  ) -> DoctorReport.Group {
    .init(
      "Network",
      [
        certificates.map { .init(.here, "certificates", $0) }
          ?? .init(
            .absent, "certificates", "no certificate authorities: every wss:// server will be refused",
            remedy: "apt-get install ca-certificates, or connect with --cacert FILE")
      ] + rows(proxies))
  }

  /// The proxy in force for each scheme, and which hosts go around it.
  private static func rows(_ proxies: ProxySettings) -> [DoctorReport.Row] {
    var rows: [DoctorReport.Row] = []
    for (scheme, isSecure) in [("wss://", true), ("ws://", false)] {
      do throws(Proxy.Invalid) {
        guard let proxy = try proxies.proxy(isSecure: isSecure) else { continue }
        let text = "\(scheme) goes through \(proxy) (\(proxy.variable))"
        rows.append(
          ProxyHandshake.speaks(proxy.kind)
            ? .init(.here, "proxy", text)
            : .init(
              .absent, "proxy", "\(text), and \(proxy.kind.rawValue) proxies are not spoken here",
              remedy: "give an http:// or socks5h:// proxy, or list the hosts in NO_PROXY"))
      } catch {
        rows.append(.init(.absent, "proxy", error.description))
      }
    }
    guard !rows.isEmpty else { return [.init(.here, "proxy", "none: every connection is direct")] }
    if let exceptions = proxies.exceptions {
      rows.append(
        .init(.here, "proxy", "not for \(PeerText.shown(exceptions.text, limit: 200)) (\(exceptions.variable))"))
    }
    return rows
  }
}
