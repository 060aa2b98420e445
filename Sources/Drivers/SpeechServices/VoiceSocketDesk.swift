import FoundationEssentials
import Timeline

/// How a service that speaks over a WebSocket is talked to.
struct VoiceSocketForm: Sendable {
  /// What follows the API's path: names, which may come from a client.
  var subpath: @Sendable (SpokenQuestion) -> [String] = { _ in [] }
  var query: @Sendable (SpokenQuestion) -> [(name: String, value: String)]
  /// What is said as soon as a connection is open, as JSON.
  var greeting: @Sendable (SpokenQuestion) throws -> [String] = { _ in [] }
  /// What has a text spoken, and says that it is all.
  var speech: @Sendable (_ text: String) throws -> [String]
  /// What silences a connection at once. Nil: it is closed.
  var clear: String?
  /// What is said before a connection is closed.
  var farewell: String?
  /// A connection says one sentence only, so the next one is opened beforehand.
  var isForOneSentence = false
  /// What a message of the service means.
  var read: @Sendable (_ bytes: [UInt8], _ isText: Bool) -> [VoiceSocketNews]

  /// A message, its keys in order.
  static func json(_ message: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(message), as: UTF8.self)
  }
}

/// What a service says on a WebSocket.
enum VoiceSocketNews: Equatable, Sendable {
  case sound([UInt8])
  /// The sound says so many more of the characters.
  case spelled(Int)
  /// The sentence was said whole.
  case finished
  /// It was silenced, as it was told to.
  case cleared
  /// It is not content: why. It may go on.
  case warned(String)
  /// It ends the sentence, and the connection.
  case failed(String)
}

/// Which connection says which sentence, and for how long it may be silent: a machine.
struct VoiceSocketDesk {
  struct Patience: Sendable {
    /// Until the first sound of a sentence.
    var first: Duration
    /// Between two pieces of it.
    var next: Duration
  }
  enum Effect: Equatable {
    /// Opens a connection of that number, for sentences such as this.
    case open(Int, SpokenQuestion)
    case speak(Int, String)
    /// Silences it.
    case clear(Int)
    case close(Int)
    /// Ends it without a word.
    case drop(Int)
    case tell(sentence: Int, Told)
  }
  enum Told: Equatable {
    case sound([UInt8])
    case spelled(Int)
    /// Nothing comes after it; nil: all was said.
    case ended(SpokenFailure?)
  }

  private struct Sentence {
    var id: Int
    var question: SpokenQuestion
    var deadline: Timestamp
    var hasSound = false
    /// It was given to another connection before, which was no good.
    var isSecondTry = false
    /// Nobody waits for it any more.
    var isCancelled = false
    /// Its connection had been open before it came.
    var isOnUsedConnection = false
  }
  private struct Connection {
    var number: Int
    /// Voice, model and language; its text is empty.
    var question: SpokenQuestion
    var isOpen = false
    var hasSpoken = false
    var isClearing = false
    /// In order; the first one is being said.
    var sentences: [Sentence] = []
    var warning: String?
  }

  private let isForOneSentence: Bool
  private let canClear: Bool
  private let patience: Patience
  private var connections: [Connection] = []
  private var lastNumber = 0

  init(isForOneSentence: Bool, canClear: Bool, patience: Patience) {
    self.isForOneSentence = isForOneSentence
    self.canClear = canClear
    self.patience = patience
  }

  /// When to call `pass`, if nothing else happens before.
  var deadline: Timestamp? { connections.compactMap { $0.sentences.first?.deadline }.min() }

  mutating func say(_ id: Int, _ question: SpokenQuestion, at now: Timestamp) -> [Effect] {
    place(Sentence(id: id, question: question, deadline: now + patience.first), at: now)
  }

  mutating func cancel(_ id: Int) -> [Effect] {
    guard let i = connections.firstIndex(where: { $0.sentences.contains { $0.id == id } }) else { return [] }
    for k in connections[i].sentences.indices where connections[i].sentences[k].id == id {
      connections[i].sentences[k].isCancelled = true
    }
    // What others wait for goes on.
    guard connections[i].sentences.allSatisfy(\.isCancelled) else { return [] }
    let number = connections[i].number
    guard canClear, !isForOneSentence else {
      connections.remove(at: i)
      return [.drop(number)]
    }
    connections[i].sentences = []
    connections[i].isClearing = true
    return [.clear(number)]
  }

  mutating func opened(_ number: Int) {
    if let i = index(of: number) { connections[i].isOpen = true }
  }

  mutating func heard(_ news: VoiceSocketNews, on number: Int, at now: Timestamp) -> [Effect] {
    guard let i = index(of: number) else { return [] }
    switch news {
    case .cleared: connections[i].isClearing = false
    case .warned(let text): connections[i].warning = text
    case .failed(let reason):
      return end(i, SpokenFailure(reason: reason), isRepeatable: false, at: now) + [.drop(number)]
    case .sound, .spelled, .finished:
      guard !connections[i].isClearing, !connections[i].sentences.isEmpty else { return [] }
      return heardOfASentence(news, i, at: now)
    }
    return []
  }

  private mutating func heardOfASentence(_ news: VoiceSocketNews, _ i: Int, at now: Timestamp) -> [Effect] {
    let first = connections[i].sentences[0]
    let number = connections[i].number
    var effects: [Effect] = []
    switch news {
    case .sound(let bytes):
      connections[i].sentences[0].hasSound = true
      connections[i].sentences[0].deadline = now + patience.next
      if !first.isCancelled { effects.append(.tell(sentence: first.id, .sound(bytes))) }
    case .spelled(let count): if !first.isCancelled { effects.append(.tell(sentence: first.id, .spelled(count))) }
    default:
      connections[i].sentences.removeFirst()
      connections[i].warning = nil
      if !connections[i].sentences.isEmpty { connections[i].sentences[0].deadline = now + patience.first }
      if !first.isCancelled { effects.append(.tell(sentence: first.id, .ended(nil))) }
      if isForOneSentence {
        connections.remove(at: i)
        effects.append(.close(number))
      }
    }
    return effects
  }

  /// - Parameters:
  ///   - reason: nil where this side has closed it.
  ///   - isRefusal: the service has not let it in.
  mutating func ended(_ number: Int, _ reason: String?, isRefusal: Bool, at now: Timestamp) -> [Effect] {
    guard let i = index(of: number) else { return [] }
    let words = [reason ?? "it ended the connection", connections[i].warning].compactMap(\.self).joined(separator: "; ")
    return end(i, SpokenFailure(reason: words, isPaid: !isRefusal), isRepeatable: !isRefusal, at: now)
  }

  /// Ends what has been silent for too long.
  mutating func pass(_ now: Timestamp) -> [Effect] {
    var effects: [Effect] = []
    while let i = connections.firstIndex(where: { ($0.sentences.first?.deadline).map { $0 <= now } ?? false }) {
      let number = connections[i].number
      let said = connections[i].warning.map { "; it said: \($0)" } ?? ""
      let reason = "it has been silent for too long; \(SpokenFailure.overload)\(said)"
      effects += end(i, SpokenFailure(reason: reason), isRepeatable: false, at: now) + [.drop(number)]
    }
    return effects
  }

  // MARK: - Connections

  private func index(of number: Int) -> Int? { connections.firstIndex { $0.number == number } }

  private mutating func place(_ sentence: Sentence, at now: Timestamp) -> [Effect] {
    var sentence = sentence
    var key = sentence.question
    key.text = ""
    // Those that wait for another voice are not needed any more.
    var effects: [Effect] = []
    for other in connections where other.question != key && other.sentences.isEmpty {
      effects.append(.close(other.number))
    }
    connections.removeAll { $0.question != key && $0.sentences.isEmpty }
    let free = connections.firstIndex { $0.question == key && (!isForOneSentence || !$0.hasSpoken) }
    let i: Int
    if let free {
      i = free
      sentence.isOnUsedConnection = connections[i].isOpen
    } else {
      effects.append(open(key))
      i = connections.count - 1
    }
    let text = sentence.question.text
    connections[i].hasSpoken = true
    connections[i].sentences.append(sentence)
    effects.append(.speak(connections[i].number, text))
    if isForOneSentence, !connections.contains(where: { $0.question == key && !$0.hasSpoken }) {
      effects.append(open(key))
    }
    return effects
  }

  private mutating func open(_ key: SpokenQuestion) -> Effect {
    lastNumber += 1
    connections.append(Connection(number: lastNumber, question: key))
    return .open(lastNumber, key)
  }

  /// - Parameter isRepeatable: a sentence that was given to a connection that had waited for it may be given to a new one:
  ///   services close those that wait too long.
  private mutating func end(
    _ i: Int, _ failure: SpokenFailure, isRepeatable: Bool, at now: Timestamp
  ) -> [Effect] {
    let ended = connections.remove(at: i)
    var effects: [Effect] = []
    for sentence in ended.sentences where !sentence.isCancelled {
      if isRepeatable, sentence.isOnUsedConnection, !sentence.hasSound, !sentence.isSecondTry {
        var again = sentence
        (again.isSecondTry, again.isOnUsedConnection) = (true, false)
        // Whatever else waits may be closed as well.
        effects += place(again, at: now)
      } else {
        effects.append(.tell(sentence: sentence.id, .ended(failure)))
      }
    }
    return effects
  }
}
