import Timeline
import Wire

/// What the server was asked to set, and what it says is in force: read off the messages, so a replay knows it, too.
struct ServerSettings: Sendable, Equatable {
  /// How a field stands.
  enum Standing: Sendable, Equatable {
    /// Nothing has been asked that was not answered.
    case settled
    /// Sent, and not answered yet.
    case asked
    /// The server has said something else instead, or nothing about it.
    case otherwise
    /// The server has refused it, with these words.
    case refused(String)
  }

  /// Bytes of names and values that are kept of each side, as they are written.
  static let byteLimit = 64 << 10

  /// Fields with the values that were sent last, and with those in force by the server's last word.
  private(set) var sent: [String: JSONValue] = [:]
  private(set) var applied: [String: JSONValue] = [:]
  private var standings: [String: Standing] = [:]
  /// How many fields had no room, of those that were sent so far and of those in force.
  private(set) var unkeptSent = 0
  private(set) var unkeptApplied = 0
  /// The server's complaint about a config as a whole, in which no field is named.
  private(set) var complaint: String?

  func standing(of field: String) -> Standing { standings[field] ?? .settled }
  /// All fields that were ever heard of.
  var fields: [String] { Set(sent.keys).union(applied.keys).sorted() }

  /// - Returns: whether the server has told what is in force.
  @discardableResult
  mutating func observe(_ meaning: [VoiceEvent]) -> Bool {
    var isToldAnew = false
    for event in meaning {
      switch event {
      case .config(.object(let members)):
        complaint = nil
        let all = sent.merging(members) { $1 }
        sent = Self.bounded(all, preferring: members)
        unkeptSent += all.count - sent.count
        standings = standings.filter { sent[$0.key] != nil }
        for field in members.keys where sent[field] != nil { standings[field] = .asked }
      case .configApplied(.object(let members)):
        applied = Self.bounded(members, preferring: sent)
        unkeptApplied = members.count - applied.count
        isToldAnew = true
        for (field, standing) in standings where standing == .asked {
          standings[field] = members[field] == sent[field] ? .settled : .otherwise
        }
      case .error(let error): refuse(error)
      default: break
      }
    }
    return isToldAnew
  }

  /// An error while something is asked is about that: about the fields it names, else about all of them.
  private mutating func refuse(_ error: ServerError) {
    let asked = standings.filter { $0.value == .asked }.keys
    guard !asked.isEmpty else { return }
    let named = asked.filter { field in
      error.message.split { !$0.isLetter && $0 != "_" && !$0.isNumber }.contains { $0 == field }
    }
    let words = error.message.cut(toBytes: Notice.longestText)
    for field in named { standings[field] = .refused(words) }
    if named.isEmpty { complaint = words }
  }

  /// As many fields as have room: first those that are `preferred`, then by name.
  private static func bounded(
    _ members: [String: JSONValue], preferring preferred: [String: JSONValue]
  ) -> [String: JSONValue] {
    func sizes(_ members: [String: JSONValue]) -> [(field: String, bytes: Int)] {
      members.map { ($0, $0.utf8.count + $1.jsonText.utf8.count) }
    }
    let all = sizes(members)
    guard all.reduce(0, { $0 + $1.bytes }) > byteLimit else { return members }
    var left = byteLimit
    var kept: [String: JSONValue] = [:]
    let order = all.sorted {
      let (a, b) = (preferred[$0.field] != nil, preferred[$1.field] != nil)
      return a == b ? $0.field < $1.field : a
    }
    for (field, bytes) in order where bytes <= left {
      kept[field] = members[field]
      left -= bytes
    }
    return kept
  }
}
