import DequeModule
import Timeline

/// Which response each message of a server belongs to, and whether that response is still wanted.
///
///   nothing ─► open ─► ended by response_complete or interrupted ─► nothing
///                └──► cut by our interrupt ─► answered ─► a sign of a new response ─► nothing
///
/// It follows from the messages, the operator's interrupts, the edges of the user's speech, and their moments alone.
/// So whoever reads a timeline holds one of its own and comes to the same conclusions as the session did. The reasons for
/// its rules are in docs/decisions/responses.md.
public struct ResponseTable: Sendable {
  /// What a message is to the responses.
  public enum Place: Sendable, Equatable {
    /// It concerns no response.
    case none
    /// It belongs to this response, which begins with it or goes on. `continues`: the response is no answer of its own,
    /// but what was left of an earlier one that the server had called complete.
    case response(ResponseID, isNew: Bool, continues: ResponseID?)
    /// It belongs to a response that was cut: it is not to be played, and not to be shown as said.
    case stale(ResponseID)
    /// It ended these; none when a response was awaited and ended before it began.
    case ended([ResponseID])
    /// It answers our interrupt: what it speaks of was cut already.
    case answered(ResponseID?)
    /// It speaks of an end, and nothing was there to be ended.
    case surplus
  }

  /// A response that was begun and not ended.
  private struct Open: Sendable {
    var id: ResponseID
    /// The server's name for it, if it names its responses.
    var name: WireRef?
    var textEnd: Character?
    var lastAudio: Timestamp?
    /// It is what was left of a response that the server had called complete: a pause ends it, or whatever comes next.
    var isTail = false
  }

  /// What is dropped since a response was cut.
  private struct Cut: Sendable {
    var response: ResponseID
    var isNamed: Bool
    /// When it was cut, or, once the server has said so, that.
    var at: Timestamp
    /// Of our interrupt: until when its answer is awaited. Nil once it came, and where none can come.
    var deadline: Timestamp?
    /// Audio of it came after the server had said that it was cut.
    var wentOn = false
    var lastStale: Timestamp?
    var textEnd: Character?
    /// The user has said something since.
    var hasNewTurn = false
  }

  /// A response that is over for us, while more of it may come.
  private struct Ended: Sendable {
    var id: ResponseID
    var name: WireRef?
    /// Until when audio without words is taken for what was left of it.
    var audioUntil: Timestamp?
    /// We cut it, and the server, which did not say a word about that, goes on: its text belongs to it, too.
    var goesOn = false
  }

  /// Open responses are one, as a rule; a server that ends none must not let them grow.
  private static let openLimit = 8
  /// Names of cut responses that are kept.
  private static let cutNameLimit = 32
  /// A shorter pause within a stream of audio is the network's.
  private static let newTurnPause = Duration.milliseconds(300)
  /// Text that goes on with a sentence later than this is no leftover of it.
  private static let textTail = Duration.seconds(2)

  /// How long an answer to an interrupt is waited for.
  public let timeout: Duration
  /// A pause in the audio that separates two responses where nothing else does.
  public let pause: Duration
  private let marksEnd: Bool
  private let speechStartCuts: Bool

  private var open: [Open] = []
  private var lastID = ResponseID(0)
  private var cut: Cut?
  private var cutNames: Deque<(name: WireRef, id: ResponseID)> = []
  private var lastEnded: Ended?
  /// The user's words were understood or typed, and no response has begun since.
  private var isAwaiting = false
  /// Our interrupts that the server has said nothing about.
  private var unansweredInterrupts = 0
  private var isUserSpeaking = false
  private var doesServerHearSpeech = false
  private var abandoned: ResponseID?

  public init(_ card: DialectCard, timeout: Duration = .seconds(5), pause: Duration = .seconds(1)) {
    marksEnd = card.marksResponseEnd
    speechStartCuts = card.speechStartCuts
    self.timeout = timeout
    self.pause = pause
  }

  /// The responses that were begun and not ended, oldest first.
  public var openResponses: [ResponseID] { open.map(\.id) }
  /// What comes now is dropped, as far as it does not begin a new response.
  public var isDropping: Bool { cut != nil }
  /// When `expire` is due.
  public var deadline: Timestamp? {
    [cut?.deadline, open.first.flatMap(pauseEnd)].compactMap(\.self).min()
  }

  // MARK: Time

  /// What time alone has ended.
  public enum Expiry: Sendable, Equatable {
    /// Our interrupt of this response was not answered in time: what comes is played again.
    case interrupt(ResponseID)
    /// This one ended with a pause in its audio.
    case paused(ResponseID)
  }

  /// To be called when something happens, and at `deadline`.
  public mutating func expire(at now: Timestamp) -> Expiry? {
    if let cut, let deadline = cut.deadline, deadline <= now {
      abandon()
      lastEnded = Ended(id: cut.response, goesOn: true)
      return .interrupt(cut.response)
    }
    guard let first = open.first, let end = pauseEnd(first), end <= now else { return nil }
    open.removeFirst()
    return .paused(first.id)
  }

  /// When a response ends because nothing more of it has come.
  private func pauseEnd(_ response: Open) -> Timestamp? {
    marksEnd && !response.isTail ? nil : response.lastAudio.map { $0 + pause }
  }

  /// The response of an interrupt of ours that the server neither answered nor will, once.
  public mutating func takeAbandoned() -> ResponseID? {
    defer { abandoned = nil }
    return abandoned
  }

  private mutating func abandon() {
    abandoned = cut?.response
    cut = nil
  }

  // MARK: What is done here

  /// The operator cut the response in progress.
  /// - Returns: which one that was; nil when none was in progress.
  @discardableResult
  public mutating func interrupted(at now: Timestamp) -> ResponseID? {
    _ = expire(at: now)
    if marksEnd { unansweredInterrupts = min(unansweredInterrupts + 1, 1000) }
    guard let last = open.last else { return nil }
    beginCut(at: now, deadline: marksEnd ? now + timeout : nil)
    return last.id
  }

  /// A typed turn was sent: what it is answered by is wanted, whatever became of an interrupt before it.
  public mutating func typed(at now: Timestamp) {
    isAwaiting = true
    if cut?.deadline != nil { abandon() }
    cut?.hasNewTurn = true
    lastEnded = nil
    open.removeAll(where: \.isTail)
  }

  /// Our own detector heard the user begin or end to speak.
  public mutating func voiceEdge(isStart: Bool) {
    isUserSpeaking = isStart
    if !isStart { cut?.hasNewTurn = true }
  }

  /// The connection has gone, and every response with it.
  /// - Returns: those that were open.
  @discardableResult
  public mutating func connectionLost() -> [ResponseID] {
    defer {
      open = []
      (cut, lastEnded, isAwaiting, unansweredInterrupts, doesServerHearSpeech) = (nil, nil, false, 0, false)
    }
    if cut?.deadline != nil { abandoned = cut?.response }
    return open.map(\.id)
  }

  // MARK: What the server says

  /// Where an event of a server's message belongs.
  /// - Parameter ref: what its message is about, if it says so.
  public mutating func place(_ event: VoiceEvent, of ref: WireRef?, at now: Timestamp) -> Place {
    _ = expire(at: now)
    let ref = ref?.ofResponse
    switch event {
    case .audio: return audio(of: ref, at: now)
    case .responseText(let text): return self.text(text, of: ref, at: now)
    case .responseComplete: return completed(ref, at: now)
    case .interrupted: return interrupted(ref, at: now)
    case .transcriptFinal(let text):
      guard !text.isEmpty else { break }
      (isAwaiting, doesServerHearSpeech, lastEnded) = (true, false, nil)
      open.removeAll(where: \.isTail)
      endCut()
    case .responseStarted: return started(ref, at: now)
    case .userSpeechStart:
      doesServerHearSpeech = true
      guard speechStartCuts, !open.isEmpty else { break }
      let ids = open.map(\.id)
      beginCut(at: now, deadline: nil)
      return .ended(ids)
    case .userSpeechEnd:
      doesServerHearSpeech = false
      lastEnded = nil
      cut?.hasNewTurn = true
    default: break
    }
    return .none
  }

  /// A response was announced; an interrupt from now on cuts it before its first word.
  private mutating func started(_ ref: WireRef?, at now: Timestamp) -> Place {
    if let stale = staleByName(ref, at: now) { return stale }
    // Without a name it may be a late word of the one that was cut.
    if cut != nil, !isNewByName(ref), !isNewByPause(at: now) { return .none }
    endCut()
    // What comes of it does not go on with the one before.
    lastEnded = nil
    return belonging(to: ref, isAudio: false, at: now)
  }

  private mutating func audio(of ref: WireRef?, at now: Timestamp) -> Place {
    if let stale = staleByName(ref, at: now) { return stale }
    if cut != nil, !isNewByName(ref), !isNewByPause(at: now) { return stale(at: now, isAudio: true) }
    endCut()
    let place = belonging(to: ref, isAudio: true, at: now)
    if let i = open.firstIndex(where: { place.id == $0.id }) { open[i].lastAudio = now }
    return place
  }

  private mutating func text(_ text: String, of ref: WireRef?, at now: Timestamp) -> Place {
    if let stale = staleByName(ref, at: now) { return stale }
    if let cut, !isNewByName(ref), !isNewByPause(at: now) {
      let goesOn = now - cut.at < Self.textTail && Self.goesOn(text, after: cut.textEnd)
      let isLeftover = cut.deadline != nil || !cut.hasNewTurn && (cut.wentOn || goesOn)
      if isLeftover {
        if let end = Self.end(of: text) { self.cut?.textEnd = end }
        return stale(at: now, isAudio: false)
      }
    }
    endCut()
    let place = belonging(to: ref, isAudio: false, at: now)
    if let i = open.firstIndex(where: { place.id == $0.id }) { open[i].textEnd = Self.end(of: text) ?? open[i].textEnd }
    return place
  }

  private mutating func completed(_ ref: WireRef?, at now: Timestamp) -> Place {
    if let cut, ref.map({ cutID($0) != nil }) ?? true {
      self.cut = nil
      let answers = cut.deadline != nil
      if answers { unansweredInterrupts = max(0, unansweredInterrupts - 1) }
      return answers ? .answered(cut.response) : .surplus
    }
    return end(ref, all: false, at: now)
  }

  private mutating func interrupted(_ ref: WireRef?, at now: Timestamp) -> Place {
    let answers = unansweredInterrupts > 0
    unansweredInterrupts = max(0, unansweredInterrupts - 1)
    if !marksEnd, let cut {
      // What comes behind it was made after it.
      self.cut = nil
      return .answered(cut.response)
    }
    if let id = ref.flatMap(cutID), id != cut?.response { return answers ? .answered(id) : .surplus }
    if cut?.deadline != nil {
      cut?.deadline = nil
      cut?.at = now
      return .answered(cut?.response)
    }
    if open.isEmpty, answers { return .answered(cut?.response) }
    // While the user speaks no new response is begun: what still comes is what was cut. Not when the user's words have been
    // understood already: then what comes answers them.
    if !open.isEmpty, !isAwaiting, marksEnd, isUserSpeaking || doesServerHearSpeech {
      let ids = open.map(\.id)
      beginCut(at: now, deadline: nil)
      return .ended(ids)
    }
    for response in open where ref == nil || response.name == ref { remember(response) }
    return end(ref, all: true, at: now)
  }

  private mutating func end(_ ref: WireRef?, all: Bool, at now: Timestamp) -> Place {
    let ended: [Open]
    if let ref, let i = open.firstIndex(where: { $0.name == ref }) ?? open.firstIndex(where: { $0.name == nil }) {
      ended = [open.remove(at: i)]
    } else if ref == nil, !open.isEmpty {
      ended = all ? open : [open[0]]
      open.removeFirst(ended.count)
    } else if ref == nil, isAwaiting {
      isAwaiting = false
      return .ended([])
    } else {
      return .surplus
    }
    if !all, let last = ended.last {
      // A server that says what it is about to speak begins no response without words.
      let isSpoken = last.textEnd != nil || last.isTail
      lastEnded = Ended(id: last.id, name: last.name, audioUntil: marksEnd && isSpoken ? now + pause : nil)
    }
    return .ended(ended.map(\.id))
  }

  // MARK: Stale or new

  private mutating func beginCut(at now: Timestamp, deadline: Timestamp?) {
    guard let last = open.last else { return }
    open.forEach { remember($0) }
    cut = Cut(
      response: last.id, isNamed: open.contains { $0.name != nil }, at: now, deadline: deadline, textEnd: last.textEnd)
    open = []
    isAwaiting = false
    lastEnded = nil
  }

  private mutating func endCut() {
    if cut?.deadline != nil { abandon() }
    cut = nil
  }

  private mutating func remember(_ response: Open) {
    guard let name = response.name, cutID(name) == nil else { return }
    cutNames.append((name, response.id))
    if cutNames.count > Self.cutNameLimit { cutNames.removeFirst() }
  }

  /// The response of that name, if it was cut.
  private func cutID(_ name: WireRef) -> ResponseID? { cutNames.first { $0.name == name }?.id }

  /// By its name it is of a response that was cut, however long ago.
  private mutating func staleByName(_ ref: WireRef?, at now: Timestamp) -> Place? {
    guard let ref else { return nil }
    if let cut, !cut.isNamed, cut.deadline != nil, cutID(ref) == nil {
      // The first name that is heard of a response that was cut before.
      self.cut?.isNamed = true
      remember(Open(id: cut.response, name: ref))
    }
    guard let id = cutID(ref) else { return nil }
    return cut?.response == id ? stale(at: now, isAudio: true) : .stale(id)
  }

  private func isNewByName(_ ref: WireRef?) -> Bool { ref.map { cutID($0) == nil } ?? false }

  /// What was cut has come to rest.
  private func isNewByPause(at now: Timestamp) -> Bool {
    guard let cut, cut.deadline == nil else { return false }
    if cut.hasNewTurn { return cut.lastStale.map { now - $0 >= Self.newTurnPause } ?? true }
    return now - (cut.lastStale ?? cut.at) >= (marksEnd ? timeout : pause)
  }

  private mutating func stale(at now: Timestamp, isAudio: Bool) -> Place {
    guard let response = cut?.response else { return .none }
    cut?.lastStale = now
    if isAudio, cut?.deadline == nil { cut?.wentOn = true }
    return .stale(response)
  }

  /// Whether a text goes on with the sentence before it: by its beginning, and, in scripts without capitals, by how the
  /// one before ended.
  private static func goesOn(_ text: String, after end: Character?) -> Bool {
    guard let end, let first = text.first else { return false }
    if first.isUppercase { return false }
    if first.isWhitespace || first.isLowercase || first.isPunctuation { return true }
    return !end.isPunctuation
  }

  /// The last character of a text that is no space; nil when there is none.
  private static func end(of text: String) -> Character? { text.last { !$0.isWhitespace } }

  // MARK: Responses

  private mutating func belonging(to ref: WireRef?, isAudio: Bool, at now: Timestamp) -> Place {
    isAwaiting = false
    if !isAudio, lastEnded?.goesOn != true { open.removeAll { $0.isTail && $0.name != ref } }
    if let i = index(of: ref) {
      // A server may name only some of its messages.
      open[i].name = open[i].name ?? ref
      return .response(open[i].id, isNew: false, continues: nil)
    }
    var continues: ResponseID?
    if let ended = lastEnded {
      let isNamed = ref != nil && ref == ended.name
      let isTail = ref == nil && (ended.goesOn || isAudio && ended.audioUntil.map { now < $0 } ?? false)
      if isNamed || isTail { continues = ended.id }
    }
    lastID = ResponseID(lastID.rawValue + 1)
    if continues == nil { open.removeAll(where: \.isTail) }
    open.append(Open(id: lastID, name: ref, isTail: continues != nil))
    if open.count > Self.openLimit { open.removeFirst() }
    if continues == nil { lastEnded = nil }
    return .response(lastID, isNew: true, continues: continues)
  }

  private func index(of ref: WireRef?) -> Int? {
    guard let ref else { return open.indices.last }
    return open.firstIndex { $0.name == ref } ?? open.lastIndex { $0.name == nil }
  }
}

extension ResponseTable.Place {
  /// The response that it belongs to.
  public var id: ResponseID? { if case .response(let id, _, _) = self { id } else { nil } }
  public var isStale: Bool { if case .stale = self { true } else { false } }
}
