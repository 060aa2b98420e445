/// Who has to give way when there is no room for all: the one that has waited longest of the address that has most.
///
/// So whoever takes all the places loses their own, and a stranger who needs one only keeps it.
public enum FairShare {
  /// Networks of IPv6 are given out in pieces of 2⁶⁴ addresses: those of one piece count as one. Addresses of this
  /// machine count as one, too.
  public static func owner(_ address: String) -> String {
    guard let host = HostName(address: address) else { return address }
    if host.isLoopback { return "loopback" }
    guard case .ipv6(let groups) = host else { return address }
    return groups.prefix(4).map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
  }

  /// - Parameter waiting: from the one that has waited longest; `owner` says whose it is.
  /// - Returns: the index of the one that gives way; nil when nobody waits.
  public static func victim<Queue: Collection>(_ waiting: Queue, owner: (Queue.Element) -> String) -> Queue
    .Index?
  {
    var counts: [String: Int] = [:]
    for one in waiting { counts[owner(one), default: 0] += 1 }
    guard let most = counts.values.max() else { return nil }
    return waiting.firstIndex { counts[owner($0)] == most }
  }
}
