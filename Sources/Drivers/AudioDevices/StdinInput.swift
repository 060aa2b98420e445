import Audio
import CLinux
import Glibc
import Synchronization
import Threads
import Timeline

/// Raw samples (16-bit little-endian, mono) from a pipe instead of a microphone, at our pace; silence where it has
/// none, and for ever after its end.
///
///     pipe ─► reader thread ─► stage, 1 s ─► paced thread ─► ring
///
/// When the stage is full the reader stops reading, and so the writer of the pipe has to wait: nothing is lost.
public final class StdinInput: AudioInput {
  public let rate: Int
  public let ring: SampleRing
  public var ringRate: Int { rate }

  private let source: PipeSource
  private let loop: PacedLoop
  private let reader = Locked<NamedThread?>(nil)

  /// - Parameters:
  ///   - rate: samples a second.
  ///   - descriptor: where to read from; stays the caller's.
  ///   - name: of the source, for its `ended` event.
  ///   - frame: how much comes at a time.
  ///   - events: `ended` when the last sample was delivered, `failed` when the pipe broke or its bytes are not audio; called
  ///     once, on the paced thread.
  ///   - wake: called on the paced thread with each frame.
  public init(
    rate: Int, descriptor: Int32 = STDIN_FILENO, name: String = "stdin", frame: Duration = .milliseconds(20),
    events: @escaping @Sendable (DeviceChange) -> Void, wake: @escaping @Sendable () -> Void
  ) {
    self.rate = rate
    let length = max(1, PacedClock.samples(in: frame.nanoseconds, rate: rate))
    let source = PipeSource(
      descriptor: descriptor, rate: rate, frameLength: length, name: name, events: events, wake: wake)
    self.source = source
    ring = source.ring
    loop = PacedLoop(name: "paced input", rate: rate, frame: frame) { _, now in source.tick(now) }
  }

  public var status: InputStatus { source.counters.status }

  public func start() {
    reader.withLock { reader in
      guard reader == nil else { return }
      reader = NamedThread("stdin") { [source] in source.read() }
    }
    loop.start()
  }

  public func stop() {
    loop.stop()
    source.stop()
    reader.withLock { $0 }?.join()
  }
}

/// What the two threads of a `StdinInput` work on.
private final class PipeSource: @unchecked Sendable {
  // Sendable: `frame` and `hasEnded` are touched by the paced thread alone; the rest is atomic, a ring or constant.
  let ring: SampleRing
  let counters = InputCounters()
  private let stage: SampleRing
  private let frame: UnsafeMutableBufferPointer<Int16>
  private let descriptor: Int32
  private let rate: Int
  private let name: String
  private let events: @Sendable (DeviceChange) -> Void
  private let wake: @Sendable () -> Void
  private let waker = Waker()
  private let stopping = Atomic<Bool>(false)
  private let isAtEnd = Atomic<Bool>(false)
  /// Why the pipe gave no audio, or no more of it; nil for its regular end.
  private let fault = Locked<(text: String, remedy: String)?>(nil)
  private var hasEnded = false

  init(
    descriptor: Int32, rate: Int, frameLength: Int, name: String, events: @escaping @Sendable (DeviceChange) -> Void,
    wake: @escaping @Sendable () -> Void
  ) {
    self.descriptor = descriptor
    self.rate = rate
    self.name = name
    self.events = events
    self.wake = wake
    ring = SampleRing(capacity: rate)
    stage = SampleRing(capacity: max(rate, 2 * frameLength))
    frame = .allocate(capacity: frameLength)
    frame.initialize(repeating: 0)
  }

  deinit { frame.deallocate() }

  func stop() {
    stopping.store(true, ordering: .releasing)
    waker.wake()
  }

  /// The paced thread.
  func tick(_ now: Int64) {
    // Read before the stage is: after the end nothing comes any more.
    let isLast = isAtEnd.load(ordering: .acquiring)
    let count = stage.read(into: frame)
    if count > 0 { ring.write(UnsafeBufferPointer(rebasing: frame[..<count])) }
    ring.writeSilence(frame.count - count)
    counters.noteCaptured(by: now, ring: ring, rate: rate)
    counters.note(captured: count, silence: frame.count - count, at: now)
    if isLast, !hasEnded, stage.count == 0 {
      // The one event of its life: the stream is over, nothing can be late any more.
      hasEnded = true
      let seconds = Double(counters.samplesCaptured.load(ordering: .relaxed) * 10 / rate) / 10
      let fault = fault.withLock { $0 }
      let text = "\(name) \(fault?.text ?? "was closed") after \(seconds) s of audio"
      events(
        DeviceChange(
          role: .mic, state: fault == nil ? .ended : .failed, name: name, text: text, remedy: fault?.remedy))
    }
    wake()
  }

  /// The reader's thread: until the pipe's end, or until it is stopped.
  func read() {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8_192, alignment: 2)
    defer { bytes.deallocate() }
    // Bytes at the front of `bytes` that wait for their second half.
    var carried = 0
    var received = 0
    while !stopping.load(ordering: .acquiring) {
      let room = stage.capacity - stage.count
      guard room * 2 >= bytes.count else {
        waker.wait(timeout: .milliseconds(10))
        continue
      }
      guard isReadable() else { continue }
      let count = Glibc.read(descriptor, bytes.baseAddress! + carried, bytes.count - carried)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count < 0 {
        let reason = "failed: \(String(cString: strerror(errno)))"
        fault.withLock { $0 = (reason, "give it a pipe or a file of raw samples") }
      } else if count == 0, received < rate / 50 {
        fault.withLock { $0 = ("brought \(received) bytes and ended", Self.remedy) }
      }
      guard count > 0 else { break }
      let total = carried + count
      if received == 0, let what = RawAudioCheck.problem(Array(bytes[..<total])) {
        fault.withLock { $0 = ("brings \(what), not raw samples", Self.remedy) }
        break
      }
      received += count
      // The machine is little-endian, as the samples are: Linux on anything else is not supported by Swift.
      stage.write(UnsafeBufferPointer(rebasing: bytes.bindMemory(to: Int16.self)[..<(total / 2)]))
      carried = total % 2
      if carried == 1 { bytes[0] = bytes[total - 1] }
    }
    isAtEnd.store(true, ordering: .releasing)
  }

  private static let remedy =
    "--input stdin takes raw samples (16-bit little-endian, mono); --input file:PATH takes files, and `sox FILE -t raw "
    + "-r 16000 -e signed -b 16 -c 1 -` makes a pipe of one"

  /// Waits for the pipe or for `stop`.
  private func isReadable() -> Bool {
    var requests = (
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: waker.fileDescriptor, events: Int16(POLLIN), revents: 0)
    )
    return withUnsafeMutableBytes(of: &requests) { bytes in
      let requests = bytes.bindMemory(to: pollfd.self)
      return poll(requests.baseAddress, 2, -1) > 0 && requests[0].revents != 0
    }
  }
}
