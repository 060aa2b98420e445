import Audio
import AudioCodecs
import Session
import Speech
import Store
import Threads
import Timeline

/// Makes speech of typed text and of sound files, one at a time, on a thread of its own: synthesis and reading take
/// tens of milliseconds, and the session's thread waits for nobody.
struct SpeechQueue {
  private struct Job: Sendable {
    var material: SpokenMaterial
    var source: Injection.Source
    var round: Int
  }

  private let jobs: Mailbox<Job>
  private let waker: Waker
  private let stopping: Locked<Bool>
  private let thread: NamedThread
  /// Counts how often everything was dropped: what was asked for before is not wanted any more.
  private(set) var round = 0

  /// - Parameters:
  ///   - rate: samples a second of what is delivered.
  ///   - deliver: gets `.speech` or `.speechFailed`, on the queue's thread.
  init(rate: Int, deliver: @escaping @Sendable (SessionLoop.Event) -> Void) {
    let waker = Waker()
    let jobs = Mailbox<Job>(capacity: 64) { waker.wake() }
    let stopping = Locked<Bool>(false)
    (self.waker, self.jobs, self.stopping) = (waker, jobs, stopping)
    let isWanted: @Sendable () -> Bool = { stopping.withLock { !$0 } }
    thread = NamedThread("typed-speech") {
      var batch: [Job] = []
      while isWanted() {
        waker.wait(timeout: nil)
        jobs.drain(into: &batch)
        for job in batch where isWanted() { deliver(SpeechQueue.speech(of: job, rate: rate, isWanted: isWanted)) }
      }
    }
  }

  /// False: too much waits already.
  func speak(_ material: SpokenMaterial, as source: Injection.Source) -> Bool {
    jobs.post(Job(material: material, source: source, round: round))
  }

  /// What was asked for up to now is not wanted any more; its round is over.
  mutating func drop() { round += 1 }

  /// Ends at once, in the middle of a word if need be.
  func stop() {
    stopping.withLock { $0 = true }
    waker.wake()
    thread.join()
  }

  private static func speech(of job: Job, rate: Int, isWanted: () -> Bool) -> SessionLoop.Event {
    func failed(_ text: String, _ remedy: String? = nil) -> SessionLoop.Event {
      .speechFailed(Notice(.speechFailed, .error, .mic, text, remedy: remedy), job.source)
    }
    switch job.material {
    case .words(let text):
      do {
        let samples = try TypedSpeech.speak(text, rate: rate, isWanted: isWanted)
        return .speech(InjectedSpeech(samples: samples, source: job.source, name: text), round: job.round)
      } catch {
        return failed("cannot speak the typed text: \(error)")
      }
    case .file(let path, let isMixed):
      do {
        let samples = try AudioFile.read(path: FolderContents.expanded(path), rate: rate)
        return .speech(
          InjectedSpeech(
            samples: samples, source: job.source, name: path.lastPart, isMixed: isMixed, isSynthetic: !isMixed),
          round: job.round)
      } catch let failure as AudioFile.Failure {
        return failed("cannot play \(path): \(failure.problem)", failure.remedy)
      } catch {
        return failed("cannot play \(path): \(error)")
      }
    }
  }
}

extension String {
  /// Of a path: the file's name.
  var lastPart: String { split(separator: "/").last.map(String.init) ?? self }
}
