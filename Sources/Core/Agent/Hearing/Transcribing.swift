import Audio
import Timeline

/// When which audio of a client is decoded by a recognizer that takes whole pieces of speech, and what is told of it.
///
///     audio, edges ─► heard ─► decode(Job) ─► a recognizer ─► decoded ─► interim, final
///
/// Nothing but what a voice detector called speech is decoded, because such recognizers invent words for anything else.
/// While somebody speaks, the piece so far is decoded again and again for interim words. When 160 ms of silence are heard,
/// the piece is decoded whole, so that its words are there when the agent ends the turn 140 to 340 ms later; when speech
/// goes on, that was for nothing but the interim words. The time of a decode grows with the square of the length, so a
/// piece has 15 s at most: longer speech is cut at pauses, or where it is quietest, and joined.
///
/// Positions are samples at 16 kHz, counted from the client's first.
public struct Transcribing: Sendable {
  /// A piece of speech to be decoded.
  public struct Job: Sendable, Equatable {
    public var id: Int
    /// Somebody waits for its words; another is for the screen alone.
    public var isFinal: Bool
    /// 16 kHz mono.
    public var samples: [Int16]
  }
  /// What is to be done or told.
  public enum Outcome: Sendable, Equatable {
    case decode(Job)
    /// The job's words are not wanted any more.
    case withdraw(id: Int)
    case interim(TurnID, String)
    /// The speaker has paused, and these are all words of the turn so far.
    case paused(TurnID, String)
    /// Empty when nothing was understood.
    case final(TurnID, String)
  }

  /// Samples a second of all audio here.
  public static let sampleRate = 16_000
  private static let rate = sampleRate
  /// Audio before the first voiced sample: a soft consonant begins up to 225 ms before it is detected.
  static let preRoll = sampleRate * 3 / 10
  /// Silence after which a piece is decoded whole.
  static let finalSilence = sampleRate * 160 / 1000
  /// Speech between two interim decodes, at least. Words are shown when two agree, so this decides when the first are.
  static let shortestInterimStep = sampleRate * 3 / 10
  /// How much longer than a decode worked the next one waits: interims take a quarter of a core at most.
  static let interimCostFactor = 4
  /// The longest piece of a call.
  static let longestPiece = sampleRate * 15
  /// A piece of this length ends at the next pause.
  static let longPiece = sampleRate * 8
  /// A silence after which a piece is at its end, whatever its length.
  static let pieceSilence = sampleRate * 2
  /// Where a piece must be cut in mid-speech: within its last seconds, at the quietest 20 ms.
  static let cutWindow = sampleRate * 3

  /// Speech that is being collected.
  private struct Piece {
    /// The position of its first sample.
    var start: Int
    var samples: [Int16]
    /// The job with all of the piece up to `coversUntil`.
    var whole: (job: Int, coversUntil: Int)?
    /// The interim decode that is awaited.
    var interim: Int?
    /// Its length when the last interim was asked for; at first, when speech was detected.
    var lookedAt: Int
    /// The words of the newest decode.
    var words: [String] = []
  }
  /// An utterance whose end has come, and whose words have not.
  private struct Closed {
    var turn: TurnID
    var jobs: [Int]
  }
  private enum Purpose {
    case interim
    case whole
  }

  private var turn: TurnID?
  private var piece: Piece?
  /// Jobs of pieces of the open utterance that are at their end.
  private var settled: [Int] = []
  private var closed: [Closed] = []
  /// What has been asked for and not answered.
  private var asked: [Int: Purpose] = [:]
  /// The words of whole pieces that have been decoded and are still needed.
  private var texts: [Int: String] = [:]
  private var stabilizer = InterimStabilizer()
  private var lastJob = 0
  private var interimStep = shortestInterimStep

  private var position = 0
  /// The newest audio, for what begins before it is detected.
  private var recent: [Int16] = []
  /// No piece begins before this: it belongs to the one before.
  private var earliestStart = 0
  private var outcomes: [Outcome] = []

  public init() {}

  /// Jobs that are asked for and not answered.
  public var awaitedCount: Int { asked.count }

  // MARK: Audio

  /// Takes the next audio of a turn, as the voice detector sees it.
  /// - Parameters:
  ///   - edges: what the detector found in this block, in order.
  ///   - isSpeech: its decision at the end of the block.
  ///   - lastVoiced: the position of the last sample that it calls voiced.
  public mutating func heard(
    _ block: ArraySlice<Int16>, of blockTurn: TurnID, edges: [SpeechEdge], isSpeech: Bool, lastVoiced: Int
  ) -> [Outcome] {
    if let turn, turn != blockTurn { drop() }
    turn = blockTurn
    position += block.count
    recent.append(contentsOf: block)
    if recent.count > 2 * Self.preRoll { recent.removeFirst(recent.count - Self.preRoll) }
    piece?.samples.append(contentsOf: block)
    if piece == nil {
      // Speech that goes on from the turn before has no edge in this one.
      if let edge = edges.first(where: \.isSpeech) {
        begin(speechAt: edge.sample, preRoll: Self.preRoll)
      } else if isSpeech {
        begin(speechAt: position - block.count, preRoll: 0)
      }
    }
    if isSpeech { speechGoesOn() } else { silenceGoesOn(since: lastVoiced) }
    return taken()
  }

  private mutating func begin(speechAt speech: Int, preRoll: Int) {
    let start = min(position, max(speech - preRoll, earliestStart, position - recent.count))
    piece = Piece(start: start, samples: Array(recent.suffix(position - start)), lookedAt: max(0, speech - start))
    // What the decodes of a longer piece have cost says nothing about this one.
    interimStep = Self.shortestInterimStep
  }

  private mutating func speechGoesOn() {
    guard var current = piece else { return }
    if let whole = current.whole {
      // Speech goes on: its words are not the end.
      if asked[whole.job] != nil { withdraw(whole.job) }
      texts[whole.job] = nil
      current.whole = nil
    }
    if current.samples.count >= Self.longestPiece {
      piece = current
      return cutInSpeech()
    }
    if current.interim == nil, current.samples.count - current.lookedAt >= interimStep {
      current.lookedAt = current.samples.count
      current.interim = ask(current.samples, .interim)
    }
    piece = current
  }

  private mutating func silenceGoesOn(since lastVoiced: Int) {
    guard let current = piece else { return }
    let silence = position - lastVoiced
    guard silence >= Self.finalSilence else { return }
    if current.whole == nil { askForWhole(until: lastVoiced + Self.finalSilence) }
    if silence >= Self.pieceSilence || current.samples.count >= Self.longPiece { settle() }
  }

  /// Cuts a piece that is too long where it is quietest.
  private mutating func cutInSpeech() {
    guard let current = piece else { return }
    let window = Self.rate / 50
    let first = current.samples.count - Self.cutWindow
    var quietest = (at: current.samples.count, energy: Int64.max)
    for start in stride(from: first, to: current.samples.count - window, by: window) {
      let energy = current.samples[start..<start + window].reduce(Int64(0)) { $0 + Int64($1) * Int64($1) }
      if energy < quietest.energy { quietest = (start + window / 2, energy) }
    }
    let rest = Array(current.samples[quietest.at...])
    askForWhole(until: current.start + quietest.at)
    settle()
    piece = Piece(start: earliestStart, samples: rest, lookedAt: rest.count)
  }

  /// Asks for all words of the piece.
  private mutating func askForWhole(until end: Int) {
    guard let current = piece else { return }
    let count = min(max(0, end - current.start), current.samples.count)
    let id = ask(Array(current.samples.prefix(count)), .whole)
    piece?.whole = (id, current.start + count)
  }

  /// The piece is at its end; the next one begins after it.
  private mutating func settle() {
    guard let whole = piece?.whole else { return }
    settled.append(whole.job)
    earliestStart = whole.coversUntil
    piece = nil
  }

  // MARK: Turns

  /// The turn's audio is complete: its words are to be told.
  public mutating func ended(_ endedTurn: TurnID) -> [Outcome] {
    guard endedTurn == turn else {
      outcomes.append(.final(endedTurn, ""))
      return taken()
    }
    if let current = piece {
      if current.whole == nil { askForWhole(until: position) }
      settle()
    }
    closed.append(Closed(turn: endedTurn, jobs: settled))
    reopen()
    tellFinals()
    return taken()
  }

  /// Forget the turn's audio.
  public mutating func discarded(_ discardedTurn: TurnID) -> [Outcome] {
    guard discardedTurn == turn else { return [] }
    drop()
    return taken()
  }

  private mutating func drop() {
    for job in settled + [piece?.whole?.job].compactMap(\.self) {
      if asked[job] != nil { withdraw(job) }
      texts[job] = nil
    }
    earliestStart = position
    reopen()
  }

  private mutating func reopen() {
    turn = nil
    piece = nil
    settled = []
    stabilizer = InterimStabilizer()
    for (job, purpose) in asked where purpose == .interim { withdraw(job) }
  }

  // MARK: Words

  /// Takes a job's answer.
  /// - Parameters:
  ///   - text: as the recognizer wrote it; nil when it failed.
  ///   - cost: the processor time that the recognizer took for it. Not the time that went by: on a busy machine that is a
  ///     multiple, and the words on the screen would come the later.
  public mutating func decoded(_ id: Int, text: String?, cost: Duration) -> [Outcome] {
    guard let purpose = asked.removeValue(forKey: id) else { return [] }
    let text = TranscriptText.cleaned(text ?? "")
    switch purpose {
    case .interim:
      let step = Int(min(10, max(0, cost / .seconds(1))) * Double(Self.rate)) * Self.interimCostFactor
      interimStep = max(Self.shortestInterimStep, step)
      guard let turn, piece?.interim == id else { break }
      piece?.interim = nil
      piece?.words = Self.words(text)
      if let shown = stabilizer.observe(openWords) { outcomes.append(.interim(turn, shown)) }
    case .whole:
      texts[id] = text
      if piece?.whole?.job == id { piece?.words = Self.words(text) }
      if let turn, piece?.whole?.job == id || settled.contains(id), let shown = stabilizer.settle(openWords) {
        outcomes.append(.interim(turn, shown))
      }
      if let turn, piece?.whole?.job == id { tellPause(of: turn) }
      tellFinals()
    }
    return taken()
  }

  /// The words of the open utterance, as far as they are known.
  private var openWords: [String] { settled.flatMap { Self.words(texts[$0] ?? "") } + (piece?.words ?? []) }

  private mutating func tellPause(of turn: TurnID) {
    guard settled.allSatisfy({ texts[$0] != nil }), !openWords.isEmpty else { return }
    outcomes.append(.paused(turn, openWords.joined(separator: " ")))
  }

  private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  private mutating func tellFinals() {
    while let first = closed.first, first.jobs.allSatisfy({ texts[$0] != nil }) {
      closed.removeFirst()
      let words = first.jobs.compactMap { texts.removeValue(forKey: $0) }.filter { !$0.isEmpty }
      outcomes.append(.final(first.turn, words.joined(separator: " ")))
    }
  }

  private mutating func ask(_ samples: [Int16], _ purpose: Purpose) -> Int {
    lastJob += 1
    asked[lastJob] = purpose
    outcomes.append(.decode(Job(id: lastJob, isFinal: purpose == .whole, samples: samples)))
    return lastJob
  }

  private mutating func withdraw(_ job: Int) {
    asked[job] = nil
    outcomes.append(.withdraw(id: job))
  }

  private mutating func taken() -> [Outcome] {
    defer { outcomes.removeAll(keepingCapacity: true) }
    return outcomes
  }
}
