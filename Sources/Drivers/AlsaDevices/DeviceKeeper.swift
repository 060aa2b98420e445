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

/// The thread that opens and closes a device, as `DeviceUpkeep` decides, and tells `events` what happened. It sleeps while
/// all is well.
final class DeviceKeeper: Sendable {
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
    var request: PCMRequest
    var upkeep: DeviceUpkeep
  }

  private func run() {
    var state = State(request: request, upkeep: DeviceUpkeep(role: request.role, at: .now))
    while !stopping.load(ordering: .acquiring) {
      if let (slot, error) = link.takeReturned() {
        // What it has counted comes before its end.
        handle(.looked(counts), &state)
        let ending = ending(of: slot, error)
        release(slot)
        state.slot = nil
        handle(.returned(ending), &state)
      }
      handle(.looked(counts), &state)
      link.keeperWaker.wait(timeout: state.upkeep.deadline.map { max(.zero, $0 - .now) })
    }
    if let slot = state.slot { release(slot) }
  }

  private var counts: DeviceUpkeep.Counts {
    DeviceUpkeep.Counts(
      xruns: link.xruns, driftPPM: link.driftPPM, isStanding: link.isStanding, isMoving: link.isMoving)
  }

  private func handle(_ event: DeviceUpkeep.Event, _ state: inout State) {
    for order in state.upkeep.handle(event, at: .now) {
      switch order {
      case .open(let afresh): open(afresh: afresh, &state)
      case .lengthen: state.request.lengthen()
      case .tell(let change, let text, let remedy): tell(change, text, remedy: remedy)
      }
    }
  }

  private func open(afresh: Bool, _ state: inout State) {
    // The configuration names the cards that were there when it was read.
    if afresh { PCM.forgetConfiguration() }
    do {
      let pcm = try PCM.open(state.request, waker: link.audioWaker.fileDescriptor)
      let slot = DeviceLink.Slot.allocate(capacity: 1)
      slot.initialize(to: pcm)
      state.slot = slot
      let standing = problem(DeviceProblem.hasStalled, pcm.server)
      handle(.opened(summary: pcm.summary, standing: standing.trouble), &state)
      link.offer(slot)
    } catch {
      handle(.refused(error.trouble), &state)
    }
  }

  private func ending(of slot: DeviceLink.Slot, _ error: Int32) -> DeviceUpkeep.Ending {
    switch error {
    // Without an error it was given back because the end has come.
    case 0: .wanted
    case DeviceProblem.holdsTooLittle: .holdsTooLittle
    default: .failed(problem(error, slot.pointee.server).trouble)
    }
  }

  private func problem(_ error: Int32, _ server: SoundServer) -> DeviceProblem {
    DeviceProblem(error, step: "run", name: request.name, role: request.role, server: server)
  }

  private func release(_ slot: DeviceLink.Slot) {
    slot.pointee.close()
    slot.deallocate()
  }

  private func tell(_ state: DeviceChange.State, _ text: String, remedy: String?) {
    events(
      DeviceChange(
        role: request.role, state: state, name: request.name, text: text, remedy: remedy, xruns: link.xruns,
        driftPPM: link.driftPPM))
  }
}
