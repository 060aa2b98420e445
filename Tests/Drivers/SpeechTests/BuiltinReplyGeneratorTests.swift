import Agent
import Testing
import Threads

@testable import Speech

@Suite struct BuiltinReplyGeneratorTests {
  /// Collects what a generator delivers.
  private final class Collector: Sendable {
    private let state = Locked<[(event: ReplyEvent, nanoseconds: Int64)]>([])
    private let waker = Waker()

    func take(_ event: ReplyEvent) {
      let now = monotonicNanoseconds()
      state.withLock { $0.append((event, now)) }
      waker.wake()
    }
    var events: [ReplyEvent] { state.withLock { $0.map(\.event) } }
    var times: [Int64] { state.withLock { $0.map(\.nanoseconds) } }

    /// Waits until the condition holds; false after 20 s.
    func wait(until condition: ([ReplyEvent]) -> Bool) -> Bool {
      let end = monotonicNanoseconds() + 20_000_000_000
      while !condition(events) {
        guard monotonicNanoseconds() < end else { return false }
        waker.wait(timeout: .milliseconds(100))
      }
      return true
    }
    func text(of turn: TurnID) -> String {
      events.reduce("") { text, event in
        if case .text(turn, let piece) = event { text + piece } else { text }
      }
    }
  }

  private let noon = CivilTime(year: 2026, month: 11, day: 21, hour: 12)
  private func turn(_ number: Int) -> TurnID { TurnID(rawValue: number) }
  private func user(_ text: String) -> [Utterance] { [Utterance(speaker: .user, text: text)] }

  private func make(_ interval: Duration = .milliseconds(1), first: Duration = .zero) -> (
    BuiltinReplyGenerator, Collector
  ) {
    let collector = Collector()
    let noon = noon
    let generator = BuiltinReplyGenerator(
      pace: .init(firstToken: first, tokenInterval: interval), wallClock: { noon }, deliver: { collector.take($0) })
    return (generator, collector)
  }

  @Test func streamsWordsInOrderAndFinishes() {
    let (generator, collector) = make()
    generator.generate(turn(1), history: user("what time is it"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(1))) })
    generator.stop()
    #expect(
      collector.events == [
        .text(turn(1), "It "), .text(turn(1), "is "), .text(turn(1), "noon."), .finished(turn(1)),
      ])
  }

  @Test func keepsItsPace() {
    let (generator, collector) = make(.milliseconds(20), first: .milliseconds(30))
    let start = monotonicNanoseconds()
    generator.generate(turn(1), history: user("what time is it"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(1))) })
    generator.stop()
    let times = collector.times.map { $0 - start }
    #expect(times[0] >= 30_000_000)
    #expect(times[1] >= 50_000_000)
    #expect(times[2] >= 70_000_000)
  }

  @Test func remembersTheConversation() {
    let (generator, collector) = make(.zero)
    generator.generate(turn(1), history: user("turn on the lights in the hall"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(1))) })
    generator.generate(turn(2), history: user("which lights are on"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(2))) })
    generator.stop()
    #expect(collector.text(of: turn(2)) == "The lights are on in the hall.")
  }

  @Test func aCancelledTurnEndsAndTheNextIsAnswered() {
    let (generator, collector) = make(.milliseconds(5))
    generator.generate(turn(1), history: user("tell me a story"), language: "en")
    #expect(collector.wait { $0.count >= 3 })
    generator.cancel(turn(1))
    generator.generate(turn(2), history: user("hello"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(2))) })
    generator.stop()
    #expect(!collector.events.contains(.finished(turn(1))))
    let firstOfNext = collector.events.firstIndex { if case .text(turn(2), _) = $0 { true } else { false } }
    let lastOfCancelled = collector.events.lastIndex { if case .text(turn(1), _) = $0 { true } else { false } }
    #expect(lastOfCancelled! < firstOfNext!)
    #expect(collector.text(of: turn(2)) == "Hello. What can I do for you?")
  }

  @Test func timersAreOrderedBeforeTheyAreSpokenOf() {
    let (generator, collector) = make(.zero)
    generator.generate(turn(1), history: user("set a timer for ten seconds"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(1))) })
    #expect(
      collector.events.first
        == .schedule(id: 1, after: .seconds(10), text: "Your timer for ten seconds is over."))
    generator.generate(turn(2), history: user("cancel the timer"), language: "en")
    #expect(collector.wait { $0.contains(.finished(turn(2))) })
    generator.stop()
    #expect(collector.events.contains(.unschedule(id: 1)))
  }

  @Test func nothingIsDeliveredAfterStop() {
    let (generator, collector) = make(.zero)
    generator.generate(turn(1), history: user("tell me a story"), language: "en")
    #expect(collector.wait { !$0.isEmpty })
    generator.stop()
    let count = collector.events.count
    generator.generate(turn(2), history: user("hello"), language: "en")
    generator.stop()
    #expect(collector.events.count == count)
    #expect(generator.queueStatus.depth <= 1)
  }

  @Test func theSystemClockIsAPlausibleMoment() {
    let before = BuiltinReplyGenerator.systemTime().secondsSince1970
    #expect(before > 1_700_000_000)
    #expect(BuiltinReplyGenerator.systemTime().secondsSince1970 - before < 60)
  }
}
