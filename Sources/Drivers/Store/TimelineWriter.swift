import Capture
import Glibc
import Threads
import Timeline

/// Writes timeline entries as JSON lines, on a thread of its own.
///
/// What was written survives `kill -9` of the program: each batch goes to the kernel with one `write`. The queue is
/// bounded; entries that find it full, or that the disk refuses, are counted in `lost`, never waited for.
public final class TimelineWriter: Sendable {
  private let mailbox: Mailbox<Entry>
  private let waker = Waker()
  private let state = Locked<State>(State())
  private let thread: Locked<NamedThread?>
  private let file: Int32
  private let ownsFile: Bool
  /// What it writes to, in words: the path, or `standard output`.
  public let name: String

  private struct State {
    var isClosing = false
    var givesUp: (@Sendable () -> Bool)?
    var lost = 0
    var failure: String?
    /// The reader of a pipe has gone.
    var isAbandoned = false
  }

  /// Opens a file for appending nothing but this session: an existing file is replaced, and keeps its mode. A new one can
  /// be read by its owner only, because it holds what was said.
  /// - Throws: `StoreError` with the path and the reason.
  public convenience init(path: String) throws(StoreError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw StoreError("cannot write \(path): \(String(cString: strerror(errno)))")
    }
    self.init(file: file, ownsFile: true, name: path)
  }

  /// Writes to an open file descriptor, as to standard output.
  public convenience init(fileDescriptor: Int32) {
    self.init(
      file: fileDescriptor, ownsFile: false, name: fileDescriptor == STDOUT_FILENO ? "standard output" : "the output")
  }

  private init(file: Int32, ownsFile: Bool, name: String) {
    self.file = file
    self.ownsFile = ownsFile
    self.name = name
    let waker = waker
    mailbox = Mailbox(capacity: 65_536, weightLimit: Entry.waitingByteLimit, weigh: \.payloadByteCount) { waker.wake() }
    thread = Locked(nil)
    let started = NamedThread("timeline") { self.run() }
    thread.withLock { $0 = started }
  }

  /// Any thread; returns at once, with false when there is no room.
  @discardableResult
  public func write(_ entry: Entry) -> Bool { mailbox.post(entry) }

  /// The most entries that wait.
  public var capacity: Int { mailbox.capacity }

  /// Entries that wait, entries that were lost, and why.
  public var status: (depth: Int, lost: Int, failure: String?) {
    let (depth, refused) = mailbox.status
    return state.withLock { (depth, $0.lost + refused, $0.failure) }
  }

  /// The reader of the pipe that is written to has gone: nobody misses what is not written.
  public var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

  /// What to tell when not everything was written; nil when it was, or when nobody reads it any more.
  public var lossText: String? {
    let status = status
    guard status.lost > 0, !isAbandoned else { return nil }
    return "\(name): \(status.failure ?? "too many entries at once"); \(status.lost) entries were lost"
  }

  /// Writes what waits and ends the thread. Later entries are lost.
  /// - Parameter givingUp: asked, on the writer's thread, while nothing is taken, as by a pipe whose reader does not read;
  ///   true ends the wait. Nil waits for ever.
  public func close(givingUp: (@Sendable () -> Bool)? = nil) {
    state.withLock {
      $0.isClosing = true
      $0.givesUp = givingUp
    }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let ending else { return }
    ending.join()
    if ownsFile { Glibc.close(file) }
  }

  private func run() {
    var batch: [Entry] = []
    var bytes: [UInt8] = []
    let output = BoundedOutput(file)
    var wallClock: Int64?
    var isCutOff = false
    var isFirst = true
    while true {
      waker.wait(timeout: nil)
      let isClosing = state.withLock { $0.isClosing }
      mailbox.drain(into: &batch)
      bytes.removeAll(keepingCapacity: true)
      // What a full disk took of the last batch may end in the middle of a line.
      if isCutOff, !batch.isEmpty { bytes.append(UInt8(ascii: "\n")) }
      for entry in batch {
        if case .sessionStarted(let start) = entry.event { wallClock = start.wallClockMilliseconds }
        bytes.append(contentsOf: EntryLine.encode(entry, wallClockMilliseconds: wallClock, isFirst: isFirst))
        isFirst = false
        bytes.append(UInt8(ascii: "\n"))
      }
      if !bytes.isEmpty {
        let outcome = output.write(bytes, while: { !(state.withLock { $0.givesUp }?() ?? false) })
        isCutOff = outcome != .written
        note(outcome, of: batch.count)
      }
      if isClosing { return }
    }
  }

  private func note(_ outcome: BoundedOutput.Outcome, of count: Int) {
    let failure: String
    switch outcome {
    case .written: return
    case .gaveUp: failure = "its reader takes nothing"
    case .refused(let error): failure = String(cString: strerror(error))
    }
    state.withLock {
      $0.lost += count
      $0.failure = $0.failure ?? failure
      if outcome == .refused(EPIPE) { $0.isAbandoned = true }
    }
  }
}

/// Something could not be read or written; the text says what, where and why.
public struct StoreError: Error, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
