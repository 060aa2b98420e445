import Agent
import TestKit
import Testing
import Threads
import Timeline

@testable import Speech

/// Two language models, of which the second answers where the first fails.
@Suite struct FallbackGeneratorTests {
  /// A model that says what it is told to, when it is told to.
  private final class Model: ReplyGenerator {
    let asked = Locked<[TurnID]>([])
    let cancelled = Locked<[TurnID]>([])
    let say: @Sendable (ReplyEvent) -> Void
    init(_ say: @escaping @Sendable (ReplyEvent) -> Void) { self.say = say }
    func generate(_ turn: TurnID, history: [Utterance], language: String) { asked.withLock { $0.append(turn) } }
    func cancel(_ turn: TurnID) { cancelled.withLock { $0.append(turn) } }
    func stop() {}
  }

  private final class Rig: Sendable {
    let log = CollectedEvents<ReplyEvent>()
    let time = Locked<Timestamp>(Timestamp(milliseconds: 0))
    let models = Locked<[Model]>([])
    let generator: FallbackGenerator

    init() {
      let (log, time, models) = (log, time, models)
      let make: FallbackGenerator.Maker = { say in
        let model = Model(say)
        models.withLock { $0.append(model) }
        return model
      }
      generator = FallbackGenerator(
        make, fallback: make, named: "builtin", now: { time.withLock { $0 } }, events: { log.append($0) })
    }

    var first: Model { models.withLock { $0[0] } }
    var second: Model { models.withLock { $0[1] } }
    func ask(_ number: Int) { generator.generate(TurnID(rawValue: number), history: [], language: "en") }
  }
  private static func turn(_ number: Int) -> TurnID { TurnID(rawValue: number) }

  @Test func whereTheFirstFailsTheSecondAnswersAndIsAskedAtOnceForAWhile() {
    let rig = Rig()
    rig.ask(1)
    rig.first.say(.failed(Self.turn(1), "HTTP 401"))
    #expect(rig.second.asked.withLock { $0 } == [Self.turn(1)])
    rig.second.say(.text(Self.turn(1), "Yes."))
    rig.second.say(.finished(Self.turn(1)))
    #expect(
      rig.log.all == [
        .substituted(Self.turn(1), by: "builtin", "HTTP 401"), .text(Self.turn(1), "Yes."), .finished(Self.turn(1)),
      ])
    rig.ask(2)
    #expect(rig.first.asked.withLock { $0 } == [Self.turn(1)] && rig.second.asked.withLock { $0.count } == 2)
    rig.second.say(.failed(Self.turn(2), "too much"))
    #expect(rig.log.all.last == .failed(Self.turn(2), "too much"))
    rig.time.withLock { $0 = $0 + ServiceRest.length }
    rig.ask(3)
    #expect(rig.first.asked.withLock { $0.last } == Self.turn(3))
    rig.first.say(.text(Self.turn(3), "I am back."))
    #expect(rig.log.all.last == .text(Self.turn(3), "I am back."))
  }

  @Test func whatHasBegunIsNotBegunAnew() {
    let rig = Rig()
    rig.ask(1)
    rig.first.say(.text(Self.turn(1), "It is "))
    rig.first.say(.failed(Self.turn(1), "it broke off"))
    #expect(rig.log.all.last == .failed(Self.turn(1), "it broke off"))
    #expect(rig.second.asked.withLock { $0.isEmpty })
  }

  @Test func whatIsCancelledIsNotAskedOfTheOther() {
    let rig = Rig()
    rig.ask(1)
    rig.generator.cancel(Self.turn(1))
    #expect(rig.first.cancelled.withLock { $0 } == [Self.turn(1)])
    rig.first.say(.failed(Self.turn(1), "late"))
    #expect(rig.second.asked.withLock { $0.isEmpty })
    rig.ask(2)
    rig.first.say(.failed(Self.turn(2), "no"))
    rig.generator.cancel(Self.turn(2))
    #expect(rig.second.cancelled.withLock { $0 } == [Self.turn(2)])
  }

  /// Timers of a model belong to the conversation, not to a turn.
  @Test func timersPassThrough() {
    let rig = Rig()
    rig.second.say(.schedule(id: 1, after: .seconds(1), text: "now"))
    rig.first.say(.unschedule(id: 1))
    #expect(rig.log.all == [.schedule(id: 1, after: .seconds(1), text: "now"), .unschedule(id: 1)])
  }
}
