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

  private struct State {
    var isClosing = false
    var lost = 0
    var failure: String?
  }

  /// Opens a file for appending nothing but this session: an existing file is replaced, and keeps its mode. A new one can
  /// be read by its owner only, because it holds what was said.
  /// - Throws: `StoreError` with the path and the reason.
  public convenience init(path: String) throws(StoreError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw StoreError("cannot write \(path): \(String(cString: strerror(errno)))")
    }
    self.init(file: file, ownsFile: true)
  }

  /// Writes to an open file descriptor, as to standard output.
  public convenience init(fileDescriptor: Int32) { self.init(file: fileDescriptor, ownsFile: false) }

  private init(file: Int32, ownsFile: Bool) {
    self.file = file
    self.ownsFile = ownsFile
    let waker = waker
    mailbox = Mailbox(capacity: 65_536, weightLimit: Entry.waitingByteLimit, weigh: \.payloadByteCount) { waker.wake() }
    thread = Locked(nil)
    let started = NamedThread("timeline") { self.run() }
    thread.withLock { $0 = started }
  }

  /// Any thread; returns at once.
  public func write(_ entry: Entry) { mailbox.post(entry) }

  /// The most entries that wait.
  public var capacity: Int { mailbox.capacity }

  /// Entries that wait, entries that were lost, and why.
  public var status: (depth: Int, lost: Int, failure: String?) {
    let (depth, refused) = mailbox.status
    return state.withLock { (depth, $0.lost + refused, $0.failure) }
  }

  /// What to tell when not everything was written; nil when it was.
  public var lossText: String? {
    let status = status
    guard status.lost > 0 else { return nil }
    return "\(status.lost) entries of the log were lost: \(status.failure ?? "too many at once")"
  }

  /// Writes what waits and ends the thread. Later entries are lost.
  public func close() {
    state.withLock { $0.isClosing = true }
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
    while true {
      waker.wait(timeout: nil)
      let isClosing = state.withLock { $0.isClosing }
      mailbox.drain(into: &batch)
      bytes.removeAll(keepingCapacity: true)
      for entry in batch {
        bytes.append(contentsOf: EntryLine.encode(entry))
        bytes.append(UInt8(ascii: "\n"))
      }
      if !bytes.isEmpty, let failure = writeAll(bytes) {
        state.withLock {
          $0.lost += batch.count
          $0.failure = $0.failure ?? failure
        }
      }
      if isClosing { return }
    }
  }

  private func writeAll(_ bytes: [UInt8]) -> String? {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(file, buffer.baseAddress! + done, buffer.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          return String(cString: strerror(errno))
        }
        done += count
      }
      return nil
    }
  }
}

/// Something could not be read or written; the text says what, where and why.
public struct StoreError: Error, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
