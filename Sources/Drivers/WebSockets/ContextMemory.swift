import CWebSockets
import Glibc

/// What an lws_context only points to, and so must outlive it: protocol names, option strings, the idle policy.
final class ContextMemory {
  private let table: UnsafeMutablePointer<lws_protocols>
  var protocols: UnsafePointer<lws_protocols> { UnsafePointer(table) }
  /// libwebsockets' default pings after 5 minutes and hangs up 10 seconds later, a stalled connection included.
  /// Heartbeats are ours to decide: zeros switch its own off.
  var noIdlePolicy: UnsafePointer<lws_retry_bo_t> { UnsafePointer(policy) }
  private let policy: UnsafeMutablePointer<lws_retry_bo_t>
  private let protocolCount: Int
  private var strings: [UnsafeMutablePointer<CChar>] = []

  /// All protocols share the loop's callback.
  init(protocolNames: [String]) {
    protocolCount = protocolNames.count
    table = .allocate(capacity: protocolNames.count + 1)
    table.initialize(repeating: lws_protocols(), count: protocolNames.count + 1)
    policy = .allocate(capacity: 1)
    policy.initialize(to: lws_retry_bo_t())
    for (index, name) in protocolNames.enumerated() {
      table[index].name = keep(name)
      table[index].callback = ServiceLoop.callback
      // libwebsockets tells that it lets a connection go, while the connection can still be used, only of one that has
      // memory of a user's.
      table[index].per_session_data_size = 1
    }
  }

  /// A C string that lives until `free`.
  func keep(_ string: String) -> UnsafePointer<CChar> {
    let copy = strdup(string)!
    strings.append(copy)
    return UnsafePointer(copy)
  }

  /// Lets the owner rewrite the name of protocol `index`. `name` must outlive the context.
  func rename(_ index: Int, _ name: UnsafePointer<CChar>) { table[index].name = name }

  /// After the context is gone.
  func free() {
    table.deinitialize(count: protocolCount + 1)
    table.deallocate()
    policy.deallocate()
    for string in strings { Glibc.free(string) }
    strings = []
  }
}
