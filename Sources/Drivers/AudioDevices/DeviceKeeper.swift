import Audio
import Synchronization
import Threads
import Timeline

/// What a device's audio thread and its keeper share. Atomics only: neither waits for the other.
///
///     keeper ── offered ──► audio thread     an open PCM; the audio thread owns it until it gives it back
///     keeper ◄── returned ─ audio thread     with the error that ended it
final class DeviceLink: @unchecked Sendable {
  // Sendable: everything is atomic or constant; a PCM behind a slot belongs to one thread at a time, as drawn above.
  typealias Slot = UnsafeMutablePointer<PCM>
  /// Wakes the audio thread out of the device's `poll`.
  let audioWaker = Waker()
  let keeperWaker = Waker()
  private let offered = Atomic<Slot?>(nil)
  private let returned = Atomic<Slot?>(nil)
  private let returnedError = Atomic<Int32>(0)
  private let stopping = Atomic<Bool>(false)
  private let xrunCount = Atomic<Int>(0)
  private let standing = Atomic<Bool>(false)
  private let moving = Atomic<Bool>(false)
  private let restartStalls = Atomic<Bool>(false)
  /// The bits of a Double; those of a NaN while it is not known.
  private let driftBits = Atomic<UInt64>(Double.nan.bitPattern)

  var isStopping: Bool { stopping.load(ordering: .acquiring) }
  var xruns: Int { xrunCount.load(ordering: .relaxed) }
  var driftPPM: Double? {
    let value = Double(bitPattern: driftBits.load(ordering: .relaxed))
    return value.isNaN ? nil : value
  }

  /// Any thread: the audio thread shall end.
  func stop() {
    stopping.store(true, ordering: .releasing)
    audioWaker.wake()
  }

  /// A sound server's stream stands still; it is kept, because it goes on as soon as the server does.
  var isStanding: Bool { standing.load(ordering: .acquiring) }
  /// The device that was offered last has given or taken samples.
  var isMoving: Bool { moving.load(ordering: .acquiring) }
  /// A stream of this device that was begun anew stood still: it is not to be done again.
  var mustKeepStream: Bool { restartStalls.load(ordering: .relaxed) }

  // The keeper.
  func offer(_ slot: Slot) {
    moving.store(false, ordering: .relaxed)
    standing.store(false, ordering: .relaxed)
    offered.store(slot, ordering: .releasing)
    audioWaker.wake()
  }
  func takeReturned() -> (slot: Slot, error: Int32)? {
    guard let slot = returned.exchange(nil, ordering: .acquiring) else { return nil }
    return (slot, returnedError.load(ordering: .relaxed))
  }

  // The audio thread.
  func takeOffered() -> Slot? { offered.exchange(nil, ordering: .acquiring) }
  func giveBack(_ slot: Slot, error: Int32) {
    returnedError.store(error, ordering: .relaxed)
    returned.store(slot, ordering: .releasing)
    keeperWaker.wake()
  }
  /// The stream goes on after so many xruns.
  func count(xruns: Int) {
    guard xruns > 0 else { return }
    xrunCount.add(xruns, ordering: .relaxed)
    keeperWaker.wake()
  }
  func setStanding(_ stands: Bool) {
    guard standing.exchange(stands, ordering: .acquiringAndReleasing) != stands else { return }
    keeperWaker.wake()
  }
  func noteMoving() {
    guard !moving.load(ordering: .relaxed) else { return }
    moving.store(true, ordering: .releasing)
    keeperWaker.wake()
  }
  func noteRestartStalls() { restartStalls.store(true, ordering: .relaxed) }
  func publish(driftPPM: Double) {
    let isFirst = Double(bitPattern: driftBits.load(ordering: .relaxed)).isNaN
    driftBits.store(driftPPM.bitPattern, ordering: .relaxed)
    if isFirst { keeperWaker.wake() }
  }
}

/// Opens a device, looks for it again every second when it cannot be opened or is lost, closes it, and tells `events`
/// what happened. One thread, which sleeps while all is well.
final class DeviceKeeper: Sendable {
  /// How long until a lost device is looked for again, and the least time between two reports of xruns.
  private static let retryInterval = Duration.seconds(1)
  private static let xrunReportInterval = Duration.milliseconds(250)

  private let request: PCMRequest
  private let link: DeviceLink
  private let events: @Sendable (DeviceChange) -> Void
  private let stopping = Atomic<Bool>(false)
  private let thread = Locked<NamedThread?>(nil)

  init(_ request: PCMRequest, link: DeviceLink, events: @escaping @Sendable (DeviceChange) -> Void) {
    self.request = request
    self.link = link
    self.events = events
  }

  func start() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = NamedThread("\(request.role) keeper") { [self] in run() }
    }
  }

  /// Only after the audio thread has ended: what it holds is closed here.
  func stop() {
    stopping.store(true, ordering: .releasing)
    link.keeperWaker.wake()
    thread.withLock { $0 }?.join()
  }

  /// What the keeper's thread knows.
  private struct State {
    var slot: DeviceLink.Slot?
    /// Nil: it is not looked for.
    var nextAttempt: Int64?
    var news = DeviceNews()
    var request: PCMRequest
    var xrunsReported = 0
    var nextXrunReport: Int64 = 0
    var isDriftReported = false
  }

  private func run() {
    var state = State(nextAttempt: 0, request: request)
    while !stopping.load(ordering: .acquiring) {
      let now = monotonicNanoseconds()
      if let (slot, error) = link.takeReturned() {
        reportXruns(now, &state)
        lose(slot, error, &state)
      }
      if let attempt = state.nextAttempt, now >= attempt { open(&state) }
      reportXruns(now, &state)
      reportDrift(&state)
      reportMovement(&state)
      link.keeperWaker.wait(timeout: timeout(state))
    }
    if let slot = state.slot { release(slot) }
  }

  private func timeout(_ state: State) -> Duration? {
    let due = [state.nextAttempt, link.xruns > state.xrunsReported ? state.nextXrunReport : nil].compactMap { $0 }.min()
    return due.map { .nanoseconds(max(0, $0 - monotonicNanoseconds())) }
  }

  private func open(_ state: inout State) {
    // The configuration names the cards that were there when it was read.
    if state.news.isInTrouble { PCM.forgetConfiguration() }
    do {
      let pcm = try PCM.open(state.request, waker: link.audioWaker.fileDescriptor)
      let slot = DeviceLink.Slot.allocate(capacity: 1)
      slot.initialize(to: pcm)
      state.slot = slot
      state.nextAttempt = nil
      if let news = state.news.opened() { tell(news, pcm.summary) }
      link.offer(slot)
    } catch {
      tell(error, &state)
    }
  }

  private func lose(_ slot: DeviceLink.Slot, _ error: Int32, _ state: inout State) {
    let server = slot.pointee.server
    release(slot)
    state.slot = nil
    // Without an error it was given back because the end has come.
    guard error != 0 else { return }
    if error == DeviceProblem.holdsTooLittle {
      state.request.lengthen()
      state.nextAttempt = monotonicNanoseconds()
      return
    }
    tell(
      DeviceProblem(error, step: "run", name: request.name, role: request.role, server: server), &state)
  }

  /// Tells a device's trouble if it is news, and looks for the device again if that can help.
  private func tell(_ problem: DeviceProblem, _ state: inout State) {
    if let news = state.news.troubled(by: problem.text, isFinal: !problem.isWorthRetrying) { tell(news, problem) }
    state.nextAttempt =
      problem.isWorthRetrying ? monotonicNanoseconds() + DeviceKeeper.retryInterval.nanoseconds : nil
  }

  private func release(_ slot: DeviceLink.Slot) {
    slot.pointee.close()
    slot.deallocate()
  }

  /// A storm of xruns is told four times a second, with the count: it would bury everything else.
  private func reportXruns(_ now: Int64, _ state: inout State) {
    let count = link.xruns
    guard count > state.xrunsReported, now >= state.nextXrunReport else { return }
    let news = count - state.xrunsReported
    let kind = request.role == .mic ? "overrun" : "underrun"
    state.xrunsReported = count
    state.nextXrunReport = now + DeviceKeeper.xrunReportInterval.nanoseconds
    tell(.xrun, news == 1 ? "\(kind), recovered" : "\(news) \(kind)s, recovered")
  }

  /// Once, when it is first known: afterwards it is in the device's status.
  private func reportDrift(_ state: inout State) {
    guard !state.isDriftReported, state.slot != nil, let drift = link.driftPPM else { return }
    state.isDriftReported = true
    let direction = drift < 0 ? "slower" : "faster"
    tell(.open, "its clock is \(Int(abs(drift).rounded())) ppm \(direction) than ours")
  }

  /// A stream that stands still at its server is lost to whoever listens, and recovered when it moves.
  private func reportMovement(_ state: inout State) {
    guard let slot = state.slot else { return }
    if link.isStanding {
      let problem = DeviceProblem(
        DeviceProblem.hasStalled, step: "run", name: request.name, role: request.role, server: slot.pointee.server)
      if let news = state.news.troubled(by: problem.text) { tell(news, problem) }
    } else if link.isMoving, let news = state.news.moved() {
      tell(news, slot.pointee.summary)
    }
  }

  private func tell(_ state: DeviceChange.State, _ problem: DeviceProblem) {
    tell(state, problem.text, remedy: problem.remedy)
  }

  private func tell(_ state: DeviceChange.State, _ text: String, remedy: String? = nil) {
    events(
      DeviceChange(
        role: request.role, state: state, name: request.name, text: text, remedy: remedy, xruns: link.xruns,
        driftPPM: link.driftPPM))
  }
}
