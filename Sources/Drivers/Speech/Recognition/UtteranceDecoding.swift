import Agent

/// The rules of one client's recognition: which audio belongs to which utterance, and what is told when.
///
/// Fed with audio in the order it came; knows no threads. The decoder gets everything, voiced or not: it removes
/// silence by itself and needs it to know the noise.
struct UtteranceDecoding: Recognition {
  /// 16 kHz, as the acoustic model.
  static let rate = 16_000
  /// Audio between two looks at the hypothesis.
  private static let lookInterval = rate / 10
  /// Silence before a new utterance that is fed to it too, so that its first sound is not clipped.
  private static let preRollLimit = rate * 3 / 10
  /// Stay clear of the last voiced sample: the tail of its word is not part of the next utterance.
  private static let preRollMargin = rate / 20
  /// Unvoiced audio after which the words so far are set aside and the decoder begins afresh: a long pause within a
  /// turn (push to talk) must not become one search.
  private static let segmentSilence = rate * 2
  /// A block with this share of samples at full scale is a burst, not speech: it must not be taken for the channel.
  private static let burstShare = 8

  private let decoder: PocketSphinxDecoder
  private let detector: any VoiceDetector
  private let giveBack: (PocketSphinxDecoder) -> Void
  private let emit: @Sendable (RecognizerEvent) -> Void

  private var turn: TurnID?
  private var settled: [String] = []
  private var stabilizer = InterimStabilizer()
  private var sinceLook = 0
  /// Voice was heard since the decoder's utterance began.
  private var isVoiced = false
  private var position = 0
  private var recent: [Int16] = []
  private var channelBefore: [Float] = []
  private var burstSamples = 0

  /// - Parameter giveBack: takes the decoder when it is not needed any more.
  init(
    decoder: PocketSphinxDecoder, detector: any VoiceDetector, emit: @escaping @Sendable (RecognizerEvent) -> Void,
    giveBack: @escaping (PocketSphinxDecoder) -> Void
  ) {
    self.decoder = decoder
    self.detector = detector
    self.emit = emit
    self.giveBack = giveBack
    open()
  }

  /// Takes a block (10–20 ms) of the turn's audio.
  mutating func accept(_ block: ArraySlice<Int16>, of blockTurn: TurnID) {
    if let turn, turn != blockTurn { discard(turn) }
    if turn == nil {
      turn = blockTurn
      decoder.process(preRoll()[...])
    }
    for edge in detector.process(block) {
      emit(.voice(isSpeech: edge.isSpeech, atSample: edge.sample))
      isVoiced = isVoiced || edge.isSpeech
    }
    position += block.count
    recent.append(contentsOf: block)
    if recent.count > 2 * Self.preRollLimit { recent.removeFirst(recent.count - Self.preRollLimit) }
    burstSamples += block.count { $0 > 32_700 || $0 < -32_700 }

    decoder.process(block)
    sinceLook += block.count
    if sinceLook >= Self.lookInterval {
      sinceLook = 0
      reportInterim(of: blockTurn)
    }
    if isVoiced, !detector.isSpeech, position - detector.lastVoicedSample > Self.segmentSilence { beginSegment() }
  }

  /// The turn's audio is complete: tells its words.
  mutating func end(_ endedTurn: TurnID) {
    guard endedTurn == turn else {
      emit(.final(endedTurn, ""))
      return
    }
    close()
    let words = settled + wordsOfSegment
    reopen()
    emit(.final(endedTurn, words.joined(separator: " ")))
  }

  /// Forgets the turn's audio.
  mutating func discard(_ discardedTurn: TurnID) {
    guard discardedTurn == turn else { return }
    close()
    reopen()
  }

  mutating func step() {}

  mutating func finish() { giveBack(decoder) }

  /// A decoder finds "if" and "the" in a noise that it has not learned; where no voice was, there are no words.
  private var wordsOfSegment: [String] { isVoiced ? decoder.words : [] }

  private mutating func reportInterim(of turn: TurnID) {
    guard isVoiced else { return }
    if let text = stabilizer.observe(settled + wordsOfSegment) { emit(.interim(turn, text)) }
  }

  private mutating func beginSegment() {
    close()
    settled += wordsOfSegment
    open()
  }

  private mutating func reopen() {
    turn = nil
    settled = []
    stabilizer = InterimStabilizer()
    sinceLook = 0
    open()
  }

  private mutating func open() {
    channelBefore = decoder.channel
    burstSamples = 0
    isVoiced = detector.isSpeech
    decoder.begin()
  }

  private mutating func close() {
    decoder.end()
    // A loud burst drags the cepstral mean so far that the next utterance is lost: go back to the one before.
    if burstSamples > Self.rate / Self.burstShare { decoder.channel = channelBefore }
  }

  /// The last silence before now that belongs to no word of the utterance before.
  private func preRoll() -> ArraySlice<Int16> {
    guard !detector.isSpeech else { return [] }
    let silence = position - detector.lastVoicedSample - Self.preRollMargin
    return recent.suffix(max(0, min(Self.preRollLimit, silence)))
  }
}
