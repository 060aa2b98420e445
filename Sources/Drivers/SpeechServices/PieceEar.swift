import Agent
import Audio
import Foundation
import FoundationNetworking
import Speech
import Threads
import Timeline

/// Hears by a service that takes whole pieces of speech, each in a request of its own. Its interim words are those of pieces
/// that are at their end.
struct PieceEar: ServiceEar {
  private struct Answer: Sendable {
    var job: Int
    var words: Result<String, HearingRelay.Failure>
  }

  /// The most of an answer that is read, in bytes.
  private static let answerLimit = 1 << 18

  private let endpoint: RecognitionServiceEndpoint
  private let makeRequest: @Sendable (SpokenPiece) -> PieceRequest
  private let requests = StreamedRequests(name: "stt-watchdog")
  private let answers: Mailbox<Answer>
  private var machine = Transcribing()
  /// What was asked and not answered.
  private var open: [Int: StreamedRequests.ID] = [:]
  /// Answers to jobs of before the last failure are nobody's.
  private var generation = 0

  init(
    _ endpoint: RecognitionServiceEndpoint, _ makeRequest: @escaping @Sendable (SpokenPiece) -> PieceRequest,
    wake: @escaping @Sendable () -> Void
  ) {
    self.endpoint = endpoint
    self.makeRequest = makeRequest
    answers = Mailbox(capacity: 4_096, wake: wake)
  }

  mutating func heard(
    _ block: ArraySlice<Int16>, of turn: TurnID, edges: [SpeechEdge], isSpeech: Bool, lastVoiced: Int, at now: Timestamp
  ) -> [EarEvent] {
    perform(machine.heard(block, of: turn, edges: edges, isSpeech: isSpeech, lastVoiced: lastVoiced))
  }
  mutating func ended(_ turn: TurnID, at now: Timestamp) -> [EarEvent] { perform(machine.ended(turn)) }
  mutating func discarded(_ turn: TurnID, at now: Timestamp) -> [EarEvent] { perform(machine.discarded(turn)) }

  /// Only speech tells whether it is there: to ask costs money.
  mutating func reach(at now: Timestamp) -> [EarEvent] { [.reached] }

  mutating func leave() { requests.stop() }

  var deadline: Timestamp? { nil }

  mutating func step(at now: Timestamp) -> [EarEvent] {
    var events: [EarEvent] = []
    var batch: [Answer] = []
    answers.drain(into: &batch)
    for answer in batch where open.removeValue(forKey: answer.job) != nil {
      switch answer.words {
      case .success(let text): events += perform(machine.decoded(answer.job - jobBase, text: text, cost: .zero))
      case .failure(let failure): return events + fail(failure)
      }
    }
    return events
  }

  /// Numbers of jobs begin again with each machine.
  private var jobBase: Int { generation << 32 }

  private mutating func perform(_ outcomes: [Transcribing.Outcome]) -> [EarEvent] {
    var events: [EarEvent] = []
    for outcome in outcomes {
      switch outcome {
      // Words for the screen alone are not paid for.
      case .decode(let job): if job.isFinal { ask(job) }
      case .withdraw(let id): if let request = open.removeValue(forKey: jobBase + id) { requests.cancel(request) }
      case .interim(let turn, let text): events.append(.interim(turn, text))
      case .paused(let turn, let text): events.append(.paused(turn, text))
      case .final(let turn, let text): events.append(.final(turn, text))
      }
    }
    return events
  }

  private mutating func ask(_ job: Transcribing.Job) {
    let piece = makeRequest(SpokenPiece(samples: job.samples, question: endpoint.question))
    var request = URLRequest(url: endpoint.address.url)
    request.httpMethod = "POST"
    request.setValue(piece.contentType, forHTTPHeaderField: "Content-Type")
    for header in endpoint.address.keyHeaders { request.setValue(header.value, forHTTPHeaderField: header.name) }
    request.httpBody = Data(piece.body)
    let (answers, endpoint, number) = (answers, endpoint, jobBase + job.id)
    let body = Locked<[UInt8]>([])
    let patience = StreamedRequests.Patience(first: endpoint.patience, next: endpoint.patience)
    let sent = requests.send(request, patience: patience) { event in
      switch event {
      case .bytes(let bytes):
        let isWanted = body.withLock { body in
          body += bytes
          return body.count <= Self.answerLimit
        }
        if !isWanted { answers.post(Answer(job: number, words: .failure(.init("its answer is too long")))) }
        return isWanted
      case .ended(.complete):
        let words = piece.words(body.withLock { $0 }).map { Result<_, HearingRelay.Failure>.success($0) }
        answers.post(Answer(job: number, words: words ?? .failure(.init("its answer cannot be read"))))
      case .ended(let ending):
        answers.post(Answer(job: number, words: .failure(Self.failure(ending, endpoint))))
      }
      return false
    }
    if let sent { open[number] = sent }
  }

  private static func failure(
    _ ending: StreamedRequests.Ending, _ endpoint: RecognitionServiceEndpoint
  ) -> HearingRelay.Failure {
    var failure = HearingRelay.Failure(endpoint.errors.text(for: ending, overload: "is it overloaded?") ?? "")
    if case .refused(let refusal) = ending {
      failure.isPermanent = [401, 402, 403, 404].contains(refusal.status)
      failure.retryAfter = refusal.retryAfter.flatMap { Int($0) }.map { .seconds(max(0, $0)) }
    }
    return failure
  }

  private mutating func fail(_ failure: HearingRelay.Failure) -> [EarEvent] {
    for request in open.values { requests.cancel(request) }
    open = [:]
    machine = Transcribing()
    generation += 1
    var failure = failure
    failure.reason = endpoint.told(failure.reason)
    return [.failed(failure)]
  }
}
