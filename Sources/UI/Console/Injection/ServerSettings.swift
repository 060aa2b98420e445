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

  /// Fields with the values that were sent last, and with those in force by the server's last word.
  private(set) var sent: [String: JSONValue] = [:]
  private(set) var applied: [String: JSONValue] = [:]
  private var standings: [String: Standing] = [:]
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
        for (field, value) in members {
          sent[field] = value
          standings[field] = .asked
        }
      case .configApplied(.object(let members)):
        applied = members
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
    for field in named { standings[field] = .refused(error.message) }
    if named.isEmpty { complaint = error.message }
  }
}
