import CLinux
import Glibc
import Threads

/// Blocking network work, off the loop's thread: name lookups, and a second look at a peer that failed.
final class Resolver: Sendable {
  /// Why a name has no address.
  struct Failure: Error, Sendable, Equatable {
    var isUnknownName: Bool
    var text: String
  }

  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var isBusy = false
    var isStopped = false
    var thread: NamedThread?
  }
  private let state = Locked<State>(State())
  private let waker = Waker()

  /// Runs `job` after those before it. The thread is started by the first one; at most 256 wait.
  func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = state.withLock { state in
      guard !state.isStopped, state.jobs.count < 256 else { return false }
      state.jobs.append(job)
      if state.thread == nil { state.thread = NamedThread("ws-resolver") { [self] in run() } }
      return true
    }
    waker.wake()
    return isTaken
  }

  /// Ends the thread. A lookup that blocks is not waited for: getaddrinfo cannot be interrupted, and its thread
  /// ends by itself when it returns.
  func stop() {
    let idle = state.withLock { state -> NamedThread? in
      state.isStopped = true
      state.jobs = []
      let thread = state.thread
      state.thread = nil
      return state.isBusy ? nil : thread
    }
    waker.wake()
    idle?.join()
  }

  private func run() {
    while true {
      let (job, isStopped) = state.withLock { state -> ((@Sendable () -> Void)?, Bool) in
        let job = state.jobs.isEmpty ? nil : state.jobs.removeFirst()
        state.isBusy = job != nil
        return (job, state.isStopped)
      }
      if let job {
        job()
      } else if isStopped {
        return
      } else {
        waker.wait(timeout: nil)
      }
    }
  }

  /// The numeric addresses of a name, in the order of RFC 6724. Blocks, unless `host` is an address already.
  static func lookUp(_ host: String, isNumeric: Bool = false) -> Result<[String], Failure> {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = CLINUX_SOCK_STREAM
    hints.ai_flags = isNumeric ? AI_NUMERICHOST : AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    var error = getaddrinfo(host, nil, &hints, &list)
    if error != 0, !isNumeric {
      // Without a network but loopback AI_ADDRCONFIG hides even localhost.
      hints.ai_flags = 0
      error = getaddrinfo(host, nil, &hints, &list)
    }
    guard error == 0 else {
      // -5, EAI_NODATA, is a GNU extension that this module does not show.
      return .failure(
        Failure(isUnknownName: error == EAI_NONAME || error == -5, text: String(cString: gai_strerror(error))))
    }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next?.pointee {
      var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(
        entry.ai_addr, entry.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
      {
        let address = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if !addresses.contains(address) { addresses.append(address) }
      }
      next = entry.ai_next
    }
    return .success(addresses)
  }
}
