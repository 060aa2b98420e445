import Agent
import Glibc
import Threads

/// The builtin model as a provider: answers on a thread of its own and streams words at a steady pace, as a hosted
/// model would. One for each conversation: the model's flat, timers and memory belong to it.
public final class BuiltinReplyGenerator: ReplyGenerator {
  /// How fast text comes.
  public struct Pace: Sendable, Equatable {
    /// From the order to the first word.
    public var firstToken: Duration
    /// From one word to the next.
    public var tokenInterval: Duration
    /// The default is a quick model's: the first sentence of an answer is whole, and can be spoken, within 20 ms.
    public init(firstToken: Duration = .milliseconds(5), tokenInterval: Duration = .milliseconds(1)) {
      self.firstToken = firstToken
      self.tokenInterval = tokenInterval
    }
  }

  private let orders: Mailbox<ReplyOrder>
  private let waker: Waker
  private let isStopped: StopFlag
  private let thread: NamedThread
  private let deliver: @Sendable (ReplyEvent) -> Void

  /// Starts the thread.
  /// - Parameters:
  ///   - wallClock: the date and time that answers tell; called on the generator's thread.
  ///   - deliver: takes the events, on the generator's thread. Must not call `stop`.
  public init(
    pace: Pace = Pace(), wallClock: @escaping @Sendable () -> CivilTime = BuiltinReplyGenerator.systemTime,
    deliver: @escaping @Sendable (ReplyEvent) -> Void
  ) {
    let waker = Waker()
    let orders = Mailbox<ReplyOrder>(capacity: 256) { waker.wake() }
    let isStopped = StopFlag()
    self.waker = waker
    self.orders = orders
    self.isStopped = isStopped
    self.deliver = deliver
    thread = NamedThread("reply-builtin") {
      var worker = ReplyWorker(pace: pace, wallClock: wallClock, deliver: deliver, isStopped: isStopped)
      worker.run(orders, waker)
    }
  }

  deinit {
    isStopped.set()
    waker.wake()
  }

  /// A turn that is still being answered is given up for the new one.
  public func generate(_ turn: TurnID, history: [Utterance], language: String) {
    if !orders.post(.generate(turn, history)) { deliver(.failed(turn, "too many requests wait")) }
  }

  public func cancel(_ turn: TurnID) { orders.post(.cancel(turn)) }

  public func stop() {
    isStopped.set()
    waker.wake()
    thread.join()
  }

  /// Orders that wait, and how many were refused because too many did.
  public var queueStatus: (depth: Int, refused: Int) { orders.status }

  /// This machine's wall clock and time zone. Any thread.
  @Sendable public static func systemTime() -> CivilTime {
    var seconds = time(nil)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return CivilTime(secondsSince1970: seconds, utcOffset: parts.tm_gmtoff)
  }
}

private enum ReplyOrder: Sendable {
  case generate(TurnID, [Utterance])
  case cancel(TurnID)
}

private final class StopFlag: Sendable {
  private let flag = Locked<Bool>(false)
  func set() { flag.withLock { $0 = true } }
  var isSet: Bool { flag.withLock { $0 } }
}

/// What runs on the generator's thread.
private struct ReplyWorker {
  private struct Answer {
    var turn: TurnID
    var tokens: ArraySlice<String>
    /// When the next token is due, on the monotonic clock.
    var dueNanoseconds: Int64
  }

  let pace: BuiltinReplyGenerator.Pace
  let wallClock: @Sendable () -> CivilTime
  let deliver: @Sendable (ReplyEvent) -> Void
  let isStopped: StopFlag
  private var model = BuiltinModel()
  private var answer: Answer?

  init(
    pace: BuiltinReplyGenerator.Pace, wallClock: @escaping @Sendable () -> CivilTime,
    deliver: @escaping @Sendable (ReplyEvent) -> Void, isStopped: StopFlag
  ) {
    (self.pace, self.wallClock, self.deliver, self.isStopped) = (pace, wallClock, deliver, isStopped)
  }

  mutating func run(_ orders: Mailbox<ReplyOrder>, _ waker: Waker) {
    var waiting: [ReplyOrder] = []
    while !isStopped.isSet {
      waker.wait(timeout: answer.map { .nanoseconds(max(0, $0.dueNanoseconds - monotonicNanoseconds())) })
      orders.drain(into: &waiting)
      for order in waiting where !isStopped.isSet { answer(order) }
      if let due = answer?.dueNanoseconds, due <= monotonicNanoseconds(), !isStopped.isSet { emitNext() }
    }
  }

  private mutating func answer(_ order: ReplyOrder) {
    switch order {
    case .cancel(let turn):
      if answer?.turn == turn { answer = nil }
    case .generate(let turn, let history):
      let reply = model.reply(to: history, now: wallClock())
      for timer in reply.timers {
        switch timer {
        case .start(let id, let after, let text): deliver(.schedule(id: id, after: after, text: text))
        case .cancel(let id): deliver(.unschedule(id: id))
        }
      }
      answer = Answer(
        turn: turn, tokens: Self.tokens(of: reply.text)[...],
        dueNanoseconds: monotonicNanoseconds() + pace.firstToken.nanoseconds)
    }
  }

  private mutating func emitNext() {
    guard var current = answer else { return }
    if let token = current.tokens.popFirst() { deliver(.text(current.turn, token)) }
    current.dueNanoseconds += pace.tokenInterval.nanoseconds
    answer = current.tokens.isEmpty ? nil : current
    if current.tokens.isEmpty { deliver(.finished(current.turn)) }
  }

  /// Words, each with the space behind it, so that a full stop is known to end its sentence at once.
  private static func tokens(of text: String) -> [String] {
    let words = text.split(separator: " ")
    return words.enumerated().map { $0.offset < words.count - 1 ? $0.element + " " : String($0.element) }
  }
}
