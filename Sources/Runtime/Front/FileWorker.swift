import Console
import Store
import Threads

/// What the console wants of files, on a thread of its own: a folder on a network must not stop the screen.
final class FileWorker: Sendable {
  private enum Job: Sendable {
    case list(String)
    case remember(String)
  }

  private let jobs: Mailbox<Job>
  private let answers: Mailbox<ConsoleInput>
  private let waker: Waker
  private let stopping: Locked<Bool>
  private let thread: NamedThread

  /// - Parameter wake: called when there is an answer, on the worker's thread.
  init(history: CommandHistory, wake: @escaping @Sendable () -> Void) {
    let waker = Waker()
    let jobs = Mailbox<Job>(capacity: 256) { waker.wake() }
    let answers = Mailbox<ConsoleInput>(capacity: 64, wake: wake)
    let stopping = Locked<Bool>(false)
    (self.jobs, self.answers, self.waker, self.stopping) = (jobs, answers, waker, stopping)
    thread = NamedThread("files") {
      var batch: [Job] = []
      var isHistoryBroken = false
      // What is to be remembered is written before the end, too.
      while true {
        let isLast = stopping.withLock { $0 }
        jobs.drain(into: &batch)
        for job in batch {
          switch job {
          case .list(let folder): if !isLast { answers.post(.listed(FileWorker.listing(folder))) }
          case .remember(let line):
            do throws(SettingsError) {
              try history.append(line)
            } catch {
              // Once is enough.
              if !isHistoryBroken { answers.post(.failed(error.description)) }
              isHistoryBroken = true
            }
          }
        }
        if isLast { return }
        waker.wait(timeout: nil)
      }
    }
  }

  /// Any thread: asks for what is in a folder; the answer comes later.
  func list(_ folder: String) { jobs.post(.list(folder)) }
  /// Any thread: keeps a command line.
  func remember(_ line: String) { jobs.post(.remember(line)) }

  /// The answers that have come since the last call.
  func takeAnswers() -> [ConsoleInput] {
    var taken: [ConsoleInput] = []
    answers.drain(into: &taken)
    return taken
  }

  /// Writes what is to be remembered, and joins the thread.
  func stop() {
    stopping.withLock { $0 = true }
    waker.wake()
    thread.join()
  }

  private static func listing(_ folder: String) -> FolderListing {
    FolderListing(
      folder: folder,
      items: FolderContents.read(folder).map {
        FolderListing.Item(name: $0.name, isFolder: $0.isFolder, byteCount: $0.byteCount)
      })
  }
}
