import Timeline
import Wire

/// Decides when a scripted session has nothing more to show: everything was said, answered and heard, or no answer came.
///
/// A reader of the timeline like any other; time is an argument. Only what moves the conversation on starts the waits again:
/// words that change, audio that is heard, an utterance that begins or ends. What a server can repeat for ever does not, as
/// keep-alives, unknown messages and audio in which there is nothing. The bounds are in docs/headless.md.
public struct IdleWatch: Sendable {
  /// What is known at a moment.
  public enum Verdict: Sendable, Equatable {
    /// Something is still expected.
    case busy
    /// Everything has been said and heard.
    case idle
    /// What was said got no answer: why, in words.
    case unanswered(String)
  }

  /// After an answer nothing may happen for this long.
  static let quiet = Duration.seconds(2)
  /// How long a first sign is waited for that the server has heard what was said.
  static let firstSign = Duration.seconds(5)
  /// How long an answer is waited for, or the rest of it, once the server has given a sign.
  static let patience = Duration.seconds(20)
  /// How long `ready` is waited for.
  static let readyWait = Duration.seconds(20)
  /// How long an answer is waited for at most, whatever signs come.
  static let longestWait = Duration.seconds(60)
  /// Audio below this level is comfort noise, in dBFS: speech is some 20 dB louder.
  static let audibleDB = -55.0

  private var insight = Insight()
  private var sources = SourceGate()
  private var reader = DialectReader()
  private let waitsForInput: Bool
  private var inputEnded: Timestamp?
  private var openedAt: Timestamp?
  private var isReady = false
  /// The server asked us to hold what was said: it has not heard it yet.
  private var isHeldBack = false
  private var lastProgress = Timestamp.zero
  private var isOver = false
  /// The user has said something: what begins from here on may be an answer.
  private var hasSpoken = false
  /// The server took what was said for speech.
  private var hasSign = false
  private var isAnswered = false
  /// A response is in progress, and it began before the user had said anything: a greeting.
  private var isGreeting: Bool?
  private var lastGreeting = ResponseID(0)
  private var lastWords = ""

  /// - Parameter waitsForInput: there is a file, a text or a pipe to be spoken first, and so an answer is expected.
  public init(waitsForInput: Bool) { self.waitsForInput = waitsForInput }

  /// Takes the next entry.
  public mutating func observe(_ entry: Entry) {
    guard sources.admits(entry) else { return }
    let reading: Reading? = if case .message(let message) = entry.event { reader.read(message) } else { nil }
    insight.observe(entry, reading: reading)
    let at = entry.at
    switch entry.event {
    case .sessionStarted(let start): reader.started(start)
    case .sourceStarted(let source): reader.started(source)
    case .device(let change) where change.role == .mic && waitsForInput:
      // An input that fails is over, too.
      guard change.state == .ended || change.state == .failed else { return }
      (inputEnded, hasSpoken) = (at, true)
    case .connection(let change):
      observe(change, at)
      lastProgress = at
    case .gate(let gate):
      if gate.pausedByServer != isHeldBack { lastProgress = at }
      isHeldBack = gate.pausedByServer
    case .sessionEnded: isOver = true
    case .message(let message) where message.way == .toClient:
      for event in reading?.events ?? [] { observe(event, at) }
    case .playout(let block):
      guard let response = block.response else { return }
      if !hasSpoken { lastGreeting = response }
      guard block.rmsDB > Self.audibleDB else { return }
      lastProgress = at
      if response > lastGreeting, hasSpoken { isAnswered = true }
    // Typed words are being spoken.
    case .micFrame(let frame) where frame.isSynthetic: lastProgress = at
    case .voiceEdge(let edge):
      lastProgress = at
      if !edge.isStart { hasSpoken = true }
    case .operatorAct: lastProgress = at
    default: break
    }
  }

  private mutating func observe(_ change: ConnectionChange, _ at: Timestamp) {
    switch change.state {
    case .open: openedAt = at
    case .ready: (openedAt, isReady) = (openedAt ?? at, true)
    // While the line is down there is hope: it ends with a new line or with giving up.
    case .closed, .waiting: (openedAt, isReady) = (nil, false)
    case .gaveUp: isOver = true
    case .connecting, .closing, .failed: break
    }
  }

  private mutating func observe(_ event: VoiceEvent, _ at: Timestamp) {
    switch event {
    case .userSpeechStart, .userSpeechEnd: noteSign(at)
    case .transcriptInterim(let text), .transcriptFinal(let text):
      guard !text.isEmpty, text != lastWords else { return }
      lastWords = text
      noteSign(at)
    case .responseText(let text):
      guard text.contains(where: { !$0.isWhitespace }) else { return }
      lastProgress = at
      if isGreeting == nil { isGreeting = !hasSpoken }
      if isGreeting == false { isAnswered = true }
    case .audio: if isGreeting == nil { isGreeting = !hasSpoken }
    case .responseComplete, .interrupted:
      if isGreeting != nil { lastProgress = at }
      isGreeting = nil
    default: break
    }
  }

  private mutating func noteSign(_ at: Timestamp) {
    lastProgress = at
    (hasSign, hasSpoken) = (true, true)
  }

  /// Whether the session may end.
  public func isIdle(at now: Timestamp) -> Bool { verdict(at: now) != .busy }

  /// What is known now.
  public func verdict(at now: Timestamp) -> Verdict {
    if isOver { return .idle }
    guard let openedAt else { return .busy }
    guard isReady else {
      return now - openedAt > Self.readyWait
        ? .unanswered("no answer came: the server did not say ready within \(Self.readyWait.components.seconds) s")
        : .busy
    }
    guard !waitsForInput || inputEnded != nil else { return .busy }
    let quietFor = now - max(lastProgress, inputEnded ?? .zero)
    if let inputEnded, !isAnswered { return unanswered(at: now, inputEnded, quietFor) }
    let isAnswering =
      isHeldBack || insight.playout.isPlaying || insight.isAsideOpen
      || (insight.turns.last.map { !$0.isOver } ?? false)
    return quietFor > (isAnswering ? Self.patience : Self.quiet) ? .idle : .busy
  }

  private func unanswered(at now: Timestamp, _ inputEnded: Timestamp, _ quietFor: Duration) -> Verdict {
    let limit = hasSign || isHeldBack ? Self.patience : Self.firstSign
    guard quietFor > limit || now - inputEnded > Self.longestWait else { return .busy }
    let waited = max(0, (now - inputEnded).components.seconds)
    let sign =
      isHeldBack
      ? "the server still holds the microphone back"
      : hasSign ? "the server has heard speech and says nothing" : "the server gave no sign of having heard speech"
    return .unanswered("no answer came within \(waited) s of the input's end: \(sign)")
  }
}
