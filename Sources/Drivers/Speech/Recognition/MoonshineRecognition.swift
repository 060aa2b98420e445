import Agent
import Engines
import Threads

/// Recognition by Moonshine: a detector says what is speech, `Transcribing` says what of it is decoded when.
struct MoonshineRecognition: Recognition {
  private struct Answer: Sendable {
    var job: Int
    var text: String?
    var cost: Duration
  }

  private let decoder: MoonshineDecoder
  private let client: Int
  private let detector: any VoiceDetector
  private let emit: @Sendable (RecognizerEvent) -> Void
  private let answers: Mailbox<Answer>
  private var transcribing = Transcribing()
  private var hasToldFailure = false

  init(
    _ decoder: MoonshineDecoder, detector: any VoiceDetector, emit: @escaping @Sendable (RecognizerEvent) -> Void,
    wake: @escaping @Sendable () -> Void
  ) {
    self.decoder = decoder
    self.detector = detector
    self.emit = emit
    client = decoder.newClient()
    answers = Mailbox(capacity: 4_096, wake: wake)
  }

  mutating func accept(_ block: ArraySlice<Int16>, of turn: TurnID) {
    let edges = detector.process(block)
    for edge in edges { emit(.voice(isSpeech: edge.isSpeech, atSample: edge.sample)) }
    perform(
      transcribing.heard(
        block, of: turn, edges: edges, isSpeech: detector.isSpeech, lastVoiced: detector.lastVoicedSample), of: turn)
  }

  mutating func end(_ turn: TurnID) { perform(transcribing.ended(turn), of: turn) }
  mutating func discard(_ turn: TurnID) { perform(transcribing.discarded(turn), of: turn) }

  mutating func step() {
    var batch: [Answer] = []
    answers.drain(into: &batch)
    for answer in batch {
      if answer.text == nil, !hasToldFailure {
        hasToldFailure = true
        emit(.failed("Moonshine has failed to decode: start again with --stt pocketsphinx if it happens again"))
      }
      perform(transcribing.decoded(answer.job, text: answer.text, cost: answer.cost), of: nil)
    }
  }

  mutating func finish() { decoder.forget(client: client) }

  /// - Parameter current: the turn whose audio brought them; nil for none.
  private func perform(_ outcomes: [Transcribing.Outcome], of current: TurnID?) {
    for outcome in outcomes {
      switch outcome {
      case .decode(let job):
        let before = decoder.decode(job, of: client) { [answers] in
          answers.post(Answer(job: job.id, text: $0, cost: $1))
        }
        if job.isFinal, let current { emit(.queued(current, behind: before)) }
      case .withdraw(let job): decoder.withdraw(job, of: client)
      case .interim(let turn, let text): emit(.interim(turn, text))
      case .paused(let turn, let text): emit(.paused(turn, text))
      case .final(let turn, let text): emit(.final(turn, text))
      }
    }
  }
}

/// Makes recognitions by Moonshine.
struct MoonshineSource: RecognitionSource {
  let decoder: MoonshineDecoder
  let detector: @Sendable () throws(EngineFault) -> any VoiceDetector

  var state: SpeechModels.State { decoder.state }
  func prepare(then callback: @escaping @Sendable () -> Void) { decoder.prepare(then: callback) }
  func makeRecognition(
    emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
  ) throws(EngineFault) -> any Recognition {
    MoonshineRecognition(decoder, detector: try detector(), emit: emit, wake: wake)
  }
}
