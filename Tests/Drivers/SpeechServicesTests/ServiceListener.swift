import Agent
import Audio
import Engines
import Speech
import TestKit
import Threads

@testable import SpeechServices

/// A client that speaks to a service, with an engine beside it that takes over when the service fails.
final class ServiceListener {
  /// The share of a second that is loud is speech.
  private final class LoudnessDetector: VoiceDetector {
    private var position = 0
    private(set) var isSpeech = false
    private(set) var lastVoicedSample = 0
    func process(_ samples: ArraySlice<Int16>) -> [SpeechEdge] {
      let isLoud = samples.contains { $0 > 1000 }
      defer {
        position += samples.count
        if isLoud { lastVoicedSample = position }
        isSpeech = isLoud
      }
      return isLoud == isSpeech ? [] : [SpeechEdge(isSpeech: isLoud, sample: position)]
    }
  }

  /// Tells how much speech it has heard of a turn.
  private struct Engine: Recognition {
    let emit: @Sendable (RecognizerEvent) -> Void
    var heard: [TurnID: Int] = [:]
    mutating func accept(_ block: ArraySlice<Int16>, of turn: TurnID) {
      heard[turn, default: 0] += block.count { $0 > 1000 }
    }
    mutating func end(_ turn: TurnID) { emit(.final(turn, "\((heard[turn] ?? 0) / 16) ms of speech")) }
    mutating func discard(_ turn: TurnID) {}
    mutating func step() {}
    mutating func finish() {}
  }
  private struct EngineSource: RecognitionSource {
    var state: SpeechModels.State { .ready }
    func prepare(then callback: @escaping @Sendable () -> Void) { callback() }
    func makeRecognition(
      emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
    ) throws(EngineFault) -> any Recognition { Engine(emit: emit) }
  }

  let log = CollectedEvents<RecognizerEvent>()
  private let recognizer: StreamingRecognizer
  private(set) var turn = TurnID(rawValue: 1)

  /// - Parameter fallback: the service that hears where `endpoint` fails.
  init(
    _ endpoint: RecognitionServiceEndpoint, fallback: RecognitionServiceEndpoint? = nil,
    relay: HearingRelay = HearingRelay()
  ) {
    let engine = Hearing(name: "Engine", sources: [EngineSource()]) { LoudnessDetector() }
    let substitute = fallback.map { engine.served(by: $0) } ?? engine
    let log = log
    recognizer = StreamingRecognizer(substitute.served(by: endpoint, relay: relay)) { event in
      switch event {
      case .backlog, .voice: break
      default: log.append(event)
      }
    }
  }

  deinit { recognizer.stop() }

  func speak(_ milliseconds: Int) {
    recognizer.accept([Int16](repeating: 2000, count: 16 * milliseconds), turn: turn)
  }
  func pause(_ milliseconds: Int) {
    recognizer.accept([Int16](repeating: 0, count: 16 * milliseconds), turn: turn)
  }
  /// Ends the turn, as the agent does.
  func end() {
    recognizer.endUtterance(turn)
    turn.rawValue += 1
  }
  func say(_ milliseconds: Int = 600) {
    speak(milliseconds)
    pause(200)
    end()
  }
  /// Waits until so many turns have their words, and returns all that was told.
  func heard(turns count: Int = 1) -> [RecognizerEvent] {
    _ = log.wait { $0.count { if case .final = $0 { true } else { false } } >= count }
    return log.all
  }
}
