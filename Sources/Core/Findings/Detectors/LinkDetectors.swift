import Timeline
import Wire

/// A connection over which nothing went for longer than proxies wait.
struct SilentLine: Detector {
  static let interests: Interests = [.wire, .connection]
  /// Idle limits in seconds of load balancers and proxies as they are delivered: Azure and some mobile carriers, Heroku,
  /// nginx and AWS ALB, Cloudflare.
  static let limits = [30.0, 55, 60, 100]
  private var last: (index: Int, at: Timestamp)?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if let change = read.connection {
      switch change.state {
      case .open: last = (read.index, read.at)
      case .closed, .failed:
        defer { last = nil }
        return gap(until: read)
      default: break
      }
      return nil
    }
    guard last != nil else { return nil }
    defer { last = (read.index, read.at) }
    if case .roundTrip(let trip) = read.event, let duration = trip.ms {
      // The ping went out before its pong came back, and broke the silence then.
      return gap(until: read, at: read.at - .recorded(milliseconds: duration))
    }
    return gap(until: read)
  }

  private func gap(until read: ReadEntry, at end: Timestamp? = nil) -> Evidence? {
    guard let last else { return nil }
    let silent = ((end ?? read.at) - last.at).milliseconds / 1000
    let crossed = Self.limits.filter { silent > $0 }
    guard !crossed.isEmpty else { return nil }
    return Evidence(
      [last.index, read.index],
      "nothing went over the connection for \(whole(silent)) s; limits of "
        + "\(crossed.map { "\(Int($0))" }.joined(separator: ", ")) s are common")
  }
}

/// A ping without a pong.
struct PingUnanswered: Detector {
  static let interests: Interests = .roundTrip
  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard case .roundTrip(let trip) = read.event, trip.ms == nil else { return nil }
    return Evidence([read.index], "no pong came in time on connection \(trip.link.rawValue)")
  }
}

/// The connection ended without a close frame, and not by our hand.
struct CloseWithoutFrame: Detector {
  static let interests: Interests = .connection
  private var opened: Int?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let change = read.connection else { return nil }
    if change.state == .open { opened = read.index }
    guard change.state == .closed, change.code == 1006, change.by != .client else { return nil }
    return Evidence([opened, read.index], change.reason.flatMap { $0.isEmpty ? nil : "1006: \($0)" } ?? "1006")
  }
}

/// A secret that travels readably, beyond this machine: with the request, or in a message that logs in.
struct CredentialInClear: Detector {
  static let interests: Interests = [.session, .wordsSent]
  /// What stands in an entry where a message had a secret.
  private static let hidden = Array("\"\(Redaction.mark)\"".utf8)
  /// Where the connection goes, if it is readable for others.
  private var place: String?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if case .sessionStarted(let start) = read.event {
      place = start.url.hasPrefix("ws://") && !Self.isLocal(start.url) ? String(start.url.prefix { $0 != "?" }) : nil
      // What was hidden in the address was a secret.
      guard let place, start.sendsCredential ?? start.url.contains("=…") else { return nil }
      return Evidence([read.index], "the request to \(place) carries a secret without TLS")
    }
    guard let place, let message = read.message, message.way == .toServer, Self.hidesSomething(message.payload)
    else {
      return nil
    }
    return Evidence([read.index], "a message to \(place) carries a secret without TLS")
  }

  private static func hidesSomething(_ payload: [UInt8]) -> Bool {
    var rest = payload[...]
    while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
      rest = payload[quote...]
      if rest.starts(with: hidden) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  private static func isLocal(_ url: String) -> Bool {
    let host = url.dropFirst("ws://".count).prefix { $0 != "/" && $0 != "?" }
    return host.hasPrefix("127.") || host.hasPrefix("[::1]") || host == "localhost" || host.hasPrefix("localhost:")
  }
}
