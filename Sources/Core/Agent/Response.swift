import Timeline
import Wire

/// One answer on its way: text from the language model, sentences, their audio, and what of it has gone.
struct Response: Sendable {
  /// A sentence as it is spoken.
  struct Sentence: Sendable, Equatable {
    var text: String
    /// Samples made so far.
    var madeCount = 0
    var isFinished = false
    /// It ended before it was said whole.
    var isBroken = false
    /// Where in its sound which share of its characters ends, ascending; empty where that is not known.
    var marks: [Mark] = []
    /// Characters that a service is paid for, and those of them that nobody will hear.
    var paidCount = 0
    var unheardCount = 0
  }
  /// So many samples say this share of a sentence.
  struct Mark: Sendable, Equatable {
    var share: Double
    var count: Int
  }
  /// Marks that are kept of a sentence.
  private static let mostMarks = 256
  /// What a response waits for.
  enum Wait: Equatable { case generator, synthesizer }

  let turn: TurnID
  /// Made by the language model, and not an announcement.
  let isReply: Bool
  /// The text as it came.
  private(set) var text = ""
  private(set) var sentences: [Sentence] = []
  private(set) var isGenerated = false
  var pacer: SpeechPacer
  /// The last time that a provider did something for it.
  var progressAt: Timestamp

  private var chunker = SentenceChunker(opensEarly: true)
  private let askedAt: Timestamp
  private var synthesisAskedAt: Timestamp?
  /// Sentences whose synthesis was ordered.
  private var orderedCount = 0
  var metrics: ServerMetrics
  private var hasTakenMetrics = false

  /// - Parameter metrics: what is known of the turn before.
  init(turn: TurnID, isReply: Bool, pacer: SpeechPacer, metrics: ServerMetrics, at now: Timestamp) {
    self.turn = turn
    self.isReply = isReply
    self.pacer = pacer
    self.metrics = metrics
    (askedAt, progressAt) = (now, now)
  }

  // MARK: Text

  mutating func append(_ piece: String, at now: Timestamp) {
    progressAt = now
    if text.isEmpty, isReply { metrics.llmFirstTokenMs = (now - askedAt).milliseconds }
    text += piece
    sentences += chunker.append(piece).map { Sentence(text: $0) }
  }

  mutating func finishText(at now: Timestamp) {
    guard !isGenerated else { return }
    progressAt = now
    isGenerated = true
    sentences += chunker.finish().map { Sentence(text: $0) }
  }

  // MARK: Audio. One sentence at a time, so that audio is in order whatever the synthesizer does.

  private var current: Int? {
    orderedCount > 0 && !sentences[orderedCount - 1].isFinished ? orderedCount - 1 : nil
  }

  /// The next sentence to be synthesised, when the one before is done and not more than `ahead` waits.
  mutating func orderSynthesis(ahead: Duration, at now: Timestamp) -> (index: Int, text: String)? {
    guard current == nil, orderedCount < sentences.count, pacer.waitingTime < ahead else { return nil }
    synthesisAskedAt = synthesisAskedAt ?? now
    progressAt = now
    orderedCount += 1
    return (orderedCount - 1, sentences[orderedCount - 1].text)
  }

  mutating func audioMade(_ samples: [Int16], sentence: Int, at now: Timestamp) {
    guard sentence == current, !samples.isEmpty else { return }
    progressAt = now
    if metrics.ttsFirstByteMs == nil, let synthesisAskedAt {
      metrics.ttsFirstByteMs = (now - synthesisAskedAt).milliseconds
    }
    sentences[sentence].madeCount += samples.count
    pacer.append(samples)
  }

  mutating func spelled(_ share: Double, sentence: Int) {
    guard sentence == current, share > 0, share <= 1 else { return }
    let last = sentences[sentence].marks.last ?? Mark(share: 0, count: 0)
    let mark = Mark(share: share, count: sentences[sentence].madeCount)
    guard mark.share > last.share, mark.count > last.count, sentences[sentence].marks.count < Self.mostMarks else {
      return
    }
    sentences[sentence].marks.append(mark)
  }

  mutating func sentenceFinished(_ sentence: Int, at now: Timestamp) {
    guard sentence == current else { return }
    progressAt = now
    sentences[sentence].isFinished = true
    pacer.endSentence()
  }

  /// Its sound ends here, though not all was said.
  mutating func sentenceBroken(_ sentence: Int, at now: Timestamp) {
    guard sentence == current else { return }
    sentences[sentence].isBroken = true
    sentenceFinished(sentence, at: now)
  }

  mutating func take(_ charge: SpeechCharge, sentence: Int) {
    if sentences.indices.contains(sentence) { sentences[sentence].take(charge) }
  }

  // MARK: State

  var isSynthesizing: Bool { current != nil }
  /// All of its audio has been made.
  var isMade: Bool { isGenerated && orderedCount == sentences.count && current == nil }
  /// Everything was made and sent.
  var isSent: Bool { isMade && pacer.waitingCount == 0 }
  /// Which provider has to do something next, if one has.
  var wait: Wait? { current != nil ? .synthesizer : isGenerated ? nil : .generator }

  /// What this turn took so far, once.
  mutating func takeMetrics() -> ServerMetrics? {
    guard !hasTakenMetrics else { return nil }
    hasTakenMetrics = true
    return metrics
  }
}
