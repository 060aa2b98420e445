import Glibc
import SocketProtocol

extension ProxySettings {
  /// What this process' environment says.
  public static func current() -> ProxySettings {
    var found: [String: String] = [:]
    for name in variableNames {
      if let value = getenv(name) { found[name] = String(cString: value) }
    }
    return ProxySettings(environment: found)
  }
}
