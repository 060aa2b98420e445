import Screen
import Timeline

/// One line under the strip: what went wrong, whether the session can still be used, and which keys help.
struct Banner: Sendable, Equatable {
  var text: String
  var remedy: String?
  /// What it means for the session, in a few words.
  var standing: String
  var role: Role
  /// Keys that help.
  var commands: [Command]
}

extension Console {
  /// A lost connection comes first, then the last error that was not put away.
  var banner: Banner? {
    if let ended {
      return Banner(
        text: ended.reason, standing: port.ending,
        role: ended.orderly ? .dim : .error, commands: [.quit])
    }
    let link = insight.link
    let reason = link.lastReason.flatMap { $0.isEmpty ? nil : $0 } ?? link.lastCode.map { "closed with \($0)" }
    let count = problem.map { $0.count > 1 ? " (\($0.count))" : "" } ?? ""
    switch link.state {
    case .gaveUp:
      return Banner(
        text: reason ?? "no connection", standing: "gave up", role: .error,
        commands: possible([.reconnect]))
    case .closed, .failed, .waiting:
      var standing = "not connected"
      if let next = link.nextAttempt {
        let attempt = link.attempt.map { "attempt \($0) " } ?? "next attempt "
        standing = "\(attempt)in \(max(0, Int((next - now).milliseconds + 999) / 1000)) s"
      }
      // Broken on purpose: told in the colour of faults, not of trouble.
      if link.lastBy == .client {
        let way = insight.lastDisconnect.map { " on purpose: \($0)" } ?? ""
        return Banner(
          text: "you disconnected\(way)", standing: standing, role: .fault,
          commands: possible([.reconnect]))
      }
      return Banner(
        text: reason ?? "connection lost", standing: standing, role: .warning,
        commands: possible([.reconnect]))
    default: break
    }
    guard let problem else { return nil }
    if problem.severity == .info {
      return Banner(text: problem.text, standing: "", role: .modifier, commands: [.dismiss])
    }
    return Banner(
      text: "\(problem.source)\(count): \(problem.text)", remedy: problem.remedy,
      standing: !port.powers.contains(.drive)
        ? "in the recording" : isUsable ? "session still usable" : "not connected yet",
      role: .error,
      commands: possible(helps(with: problem.source)) + [.dismiss])
  }

  /// Those that the port can do.
  private func possible(_ commands: [Command]) -> [Command] {
    commands.filter { lack(for: self.commands.spec($0)) == nil }
  }

  /// What an operator would do next about a complaint.
  private func helps(with source: String) -> [Command] {
    switch source {
    case "config": [.config]
    // Without a microphone, or a file to play, one can still type.
    case "mic": [.say]
    default: []
    }
  }

  /// Its keys stand at the right end, each to be clicked.
  func bannerSpots(_ banner: Banner, in rect: Rect) -> [HintSpot] {
    var x = rect.right - 1
    return banner.commands.reversed().compactMap { command in
      guard let text = keys.hint(command, in: .panes, focus: focus, glyphs: options.glyphs) else { return nil }
      x -= text.columns
      defer { x -= 2 }
      return HintSpot(
        spec: commands.spec(command), text: text, rect: Rect(x: x, y: rect.y, width: text.columns, height: 1))
    }
  }

  func drawBanner(_ banner: Banner, on surface: inout Surface, in rect: Rect) {
    let spots = bannerSpots(banner, in: rect)
    let end = spots.map(\.rect.x).min().map { $0 - 2 } ?? rect.right - 1
    let standing = StyledText(banner.standing, isUsable ? .good : banner.role)
    let line = Rect(x: rect.x + 1, y: rect.y, width: end - rect.x - 1, height: 1)
    let parts = Layout.columns(
      line, [.fixed(2), .flexible(), .fixed(2), .fixed(min(standing.columns, line.width / 2))])
    surface.put(StyledText(banner.role == .modifier ? "●" : "⚠", banner.role, .bold), in: parts[0])
    var text = StyledText(banner.text, banner.role)
    if let remedy = banner.remedy { text += StyledText(" – \(remedy)", .text) }
    surface.put(text, in: parts[1])
    surface.put(standing, in: parts[3], .right)
    for spot in spots { surface.put(spot.text, in: spot.rect) }
  }
}
