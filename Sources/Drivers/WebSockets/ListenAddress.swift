import CWebSockets
import CLinux
import Glibc

/// Where to listen, as libwebsockets wants it said.
struct ListenAddress {
  /// An address or an interface; nil for every address.
  var interface: String?
  /// Set for IPv4: without it libwebsockets 4.1 listens on every address when told 127.0.0.1 (its issue 2290).
  var isIPv4Only: Bool
  /// The numeric address, for messages and for finding out why it cannot be had.
  var numeric: String?

  init(host: String) throws(ServerStartError) {
    switch host {
    case "0.0.0.0", "::":
      self.init(interface: nil, isIPv4Only: host == "0.0.0.0", numeric: host)
    case _ where if_nametoindex(host) != 0:
      self.init(interface: host, isIPv4Only: true, numeric: nil)
    default:
      switch Resolver.lookUp(host) {
      case .failure(let failure):
        throw ServerStartError(
          "cannot listen on “\(host)” (\(failure.text)): write an address of this machine, as in 127.0.0.1 or ::1")
      case .success(let addresses):
        // A name such as localhost has both; IPv4 is what more clients try.
        let address = addresses.first { !$0.contains(":") } ?? addresses[0]
        self.init(interface: address, isIPv4Only: !address.contains(":"), numeric: address)
      }
    }
  }

  private init(interface: String?, isIPv4Only: Bool, numeric: String?) {
    self.interface = interface
    self.isIPv4Only = isIPv4Only
    self.numeric = numeric
  }

  /// Why nobody can listen there, by trying it; nil when one can.
  func problem(port: Int) -> String? {
    guard let numeric else { return nil }
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
    hints.ai_socktype = CLINUX_SOCK_STREAM
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(numeric, String(port), &hints, &list) == 0, let entry = list?.pointee else { return nil }
    defer { freeaddrinfo(list) }
    let descriptor = socket(entry.ai_family, CLINUX_SOCK_STREAM | CLINUX_SOCK_CLOEXEC, 0)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, entry.ai_addr, entry.ai_addrlen) != 0 || listen(descriptor, 1) != 0 else { return nil }
    switch errno {
    case EADDRINUSE: return "port \(port) is in use: stop what listens there, or choose another port (0 for a free one)"
    case EACCES: return "port \(port) is for root only: choose one above 1023"
    case EADDRNOTAVAIL: return "\(numeric) is no address of this machine"
    case let code: return String(cString: strerror(code))
    }
  }
}
