import Audio
import Glibc
import Synchronization
import Threads
import Timeline

/// A WAV file (16-bit mono) instead of a speaker: takes samples in real time and writes them, silence included.
///
///     ring ─► paced thread ─► tap, 4 s ─► writer thread ─► file
///
/// The header is brought up to date each second, so that the file is valid even after `kill -9`.
public final class FileOutput: AudioOutput {
  /// How much audio waits for a slow disk before some is lost, and how often the header is written.
  private static let tapSeconds = 4
  private static let headerInterval: Int64 = 1_000_000_000
  private static let headerByteCount = 44

  public var rate: Int { paced.rate }
  public var ring: SampleRing { paced.ring }
  public var ringRate: Int { rate }
  public var reference: SampleRing? { nil }
  public var status: OutputStatus { paced.status }
  /// Samples that are missing in the file: the disk was too slow, or full.
  public var lost: Int { tap.dropped + failed.load(ordering: .relaxed) }
  /// Why the file is not whole: its path and the reason. Complete once `stop` has returned.
  public var failure: String? { firstFailure.withLock { $0 } }

  private let paced: NullOutput
  private let tap: SampleRing
  private let path: String
  private let descriptor: Int32
  private let events: @Sendable (DeviceChange) -> Void
  private let failed = Atomic<Int>(0)
  private let firstFailure = Locked<String?>(nil)
  private let waker = Waker()
  private let stopping = Atomic<Bool>(false)
  private let thread = Locked<NamedThread?>(nil)

  /// Creates the file, which only its owner can read, or empties it and keeps its mode.
  /// - Parameters:
  ///   - path: of the file.
  ///   - rate: samples a second.
  ///   - events: `failed` when the file cannot be written any more, once; called on the writer's thread.
  ///   - wake: called on the paced thread when samples were taken and less than 20 ms are left.
  /// - Throws: `FileOutputError` when the file cannot be created.
  public init(
    path: String, rate: Int, events: @escaping @Sendable (DeviceChange) -> Void, wake: @escaping @Sendable () -> Void
  ) throws(FileOutputError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileOutputError(path: path, reason: String(cString: strerror(errno))) }
    self.path = path
    self.events = events
    let tap = SampleRing(capacity: rate * FileOutput.tapSeconds)
    self.tap = tap
    paced = NullOutput(rate: rate, tap: tap, wake: wake)
    let header = WAV.header(rate: rate, sampleCount: 0)
    guard pwrite(descriptor, header, header.count, 0) == header.count else {
      // `deinit` closes it: everything has its value by now.
      throw FileOutputError(path: path, reason: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  public func start() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = NamedThread("file output") { [self] in write() }
      paced.start()
    }
  }

  public func flush() { paced.flush() }
  public func rouse() { paced.rouse() }

  public func stop(drain: Duration) {
    paced.stop(drain: drain)
    stopping.store(true, ordering: .releasing)
    waker.wake()
    thread.withLock { $0 }?.join()
  }

  /// The writer's thread.
  private func write() {
    var block = [Int16](repeating: 0, count: 4_096)
    var written = 0
    var inHeader = 0
    var nextHeader = monotonicNanoseconds() + FileOutput.headerInterval
    var isBroken = false
    while true {
      // Read before the tap is: what comes before the end of stopping must not be missed.
      let isLast = stopping.load(ordering: .acquiring)
      let count = block.withUnsafeMutableBufferPointer { tap.read(into: $0) }
      if count > 0, !append(block, count, at: written) {
        let error = errno
        failed.add(count, ordering: .relaxed)
        if !isBroken { report(error) }
        isBroken = true
      } else {
        written += count
      }
      let now = monotonicNanoseconds()
      if written != inHeader, isLast && count == 0 || now >= nextHeader {
        let header = WAV.header(rate: rate, sampleCount: written)
        if pwrite(descriptor, header, header.count, 0) == header.count {
          inHeader = written
        } else if !isBroken {
          report(errno)
          isBroken = true
        }
        nextHeader = now + FileOutput.headerInterval
      }
      if count == 0 {
        if isLast { return }
        waker.wait(timeout: .milliseconds(50))
      }
    }
  }

  /// All or nothing: what was written in part is overwritten by the next block.
  private func append(_ block: [Int16], _ count: Int, at position: Int) -> Bool {
    block.withUnsafeBytes { bytes in
      var done = 0
      while done < count * 2 {
        let written = pwrite(
          descriptor, bytes.baseAddress! + done, count * 2 - done,
          off_t(FileOutput.headerByteCount + position * 2 + done))
        if written < 0, errno == EINTR { continue }
        if written <= 0 { return false }
        done += written
      }
      return true
    }
  }

  private func report(_ error: Int32) {
    let text = "\(path): \(String(cString: strerror(error)))"
    firstFailure.withLock { $0 = text }
    events(
      DeviceChange(
        role: .speaker, state: .failed, name: path, text: text,
        remedy: "make room on the disk, or give another --output file:PATH; the session goes on without the file"))
  }
}

/// The file of `--output file:PATH` cannot be created.
public struct FileOutputError: Error, CustomStringConvertible {
  public let path: String
  public let reason: String
  public var description: String {
    "cannot write \(path): \(reason); give --output file:PATH a place that can be written to"
  }
}
