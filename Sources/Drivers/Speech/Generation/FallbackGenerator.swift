import Agent
import Threads
import Timeline

/// A language model, and another one that answers where the first one fails before its first word. What breaks off later is
/// not begun anew: half an answer and a whole one are worse than half of one.
public final class FallbackGenerator: ReplyGenerator {
  /// Makes a generator that tells its events there.
  public typealias Maker = @Sendable (_ events: @escaping @Sendable (ReplyEvent) -> Void) -> any ReplyGenerator

  private struct Turn {
    var history: [Utterance]
    var language: String
    var hasText = false
    var isFallback: Bool
  }
  private struct State {
    var open: [TurnID: Turn] = [:]
    var rest = ServiceRest()
  }

  private let name: String
  private let emit: @Sendable (ReplyEvent) -> Void
  private let now: @Sendable () -> Timestamp
  private let state = Locked<State>(State())
  private let made = Locked<(first: any ReplyGenerator, second: any ReplyGenerator)?>(nil)

  /// - Parameters:
  ///   - name: of what answers instead, as it is told.
  ///   - now: the time, on a clock that only goes forward.
  ///   - events: called on any thread.
  public init(
    _ first: Maker, fallback second: Maker, named name: String, now: @escaping @Sendable () -> Timestamp,
    events: @escaping @Sendable (ReplyEvent) -> Void
  ) {
    self.name = name
    self.now = now
    emit = events
    let both = (
      first: first { [weak self] event in self?.firstSaid(event) },
      second: second { [weak self] event in self?.secondSaid(event) }
    )
    made.withLock { $0 = both }
  }

  public func generate(_ turn: TurnID, history: [Utterance], language: String) {
    let now = now()
    let isFallback = state.withLock { state in
      let isFallback = state.rest.isOn(at: now)
      state.open[turn] = Turn(history: history, language: language, isFallback: isFallback)
      return isFallback
    }
    guard let both = made.withLock({ $0 }) else { return }
    (isFallback ? both.second : both.first).generate(turn, history: history, language: language)
  }

  public func cancel(_ turn: TurnID) {
    let known = state.withLock { $0.open.removeValue(forKey: turn) }
    guard let known, let both = made.withLock({ $0 }) else { return }
    (known.isFallback ? both.second : both.first).cancel(turn)
  }

  public func stop() {
    let both = made.withLock { $0 }
    both?.first.stop()
    both?.second.stop()
  }

  // MARK: - Their threads

  private func firstSaid(_ event: ReplyEvent) {
    guard case .failed(let turn, let why) = event else { return passOn(event, isFirst: true) }
    let now = now()
    let asked = state.withLock { state -> Turn? in
      guard var asked = state.open[turn], !asked.hasText else {
        state.open[turn] = nil
        return nil
      }
      asked.isFallback = true
      state.open[turn] = asked
      state.rest.failed(at: now)
      return asked
    }
    guard let asked, let both = made.withLock({ $0 }) else { return emit(event) }
    emit(.substituted(turn, by: name, why))
    both.second.generate(turn, history: asked.history, language: asked.language)
    // It may have been cancelled in between.
    if state.withLock({ $0.open[turn] == nil }) { both.second.cancel(turn) }
  }

  private func secondSaid(_ event: ReplyEvent) { passOn(event, isFirst: false) }

  private func passOn(_ event: ReplyEvent, isFirst: Bool) {
    state.withLock { state in
      switch event {
      case .text(let turn, _):
        state.open[turn]?.hasText = true
        if isFirst { state.rest.worked() }
      case .finished(let turn), .failed(let turn, _): state.open[turn] = nil
      case .substituted, .schedule, .unschedule: break
      }
    }
    emit(event)
  }
}
