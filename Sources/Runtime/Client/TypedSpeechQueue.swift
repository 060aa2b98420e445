import Speech
import Threads
import Timeline

/// Makes speech of typed text, one text at a time, on a thread of its own: synthesis takes tens of milliseconds, and
/// the session's thread waits for nobody.
struct TypedSpeechQueue {
  private let texts: Mailbox<String>
  private let waker: Waker
  private let stopping: Locked<Bool>
  private let thread: NamedThread

  /// - Parameters:
  ///   - rate: samples a second of what is delivered.
  ///   - deliver: gets `.speech` or `.speechFailed`, on the queue's thread.
  init(rate: Int, deliver: @escaping @Sendable (SessionLoop.Event) -> Void) {
    let waker = Waker()
    let texts = Mailbox<String>(capacity: 64) { waker.wake() }
    let stopping = Locked<Bool>(false)
    (self.waker, self.texts, self.stopping) = (waker, texts, stopping)
    let isWanted: @Sendable () -> Bool = { stopping.withLock { !$0 } }
    thread = NamedThread("typed-speech") {
      var batch: [String] = []
      while isWanted() {
        waker.wait(timeout: nil)
        texts.drain(into: &batch)
        for text in batch where isWanted() {
          deliver(TypedSpeechQueue.speech(of: text, rate: rate, isWanted: isWanted))
        }
      }
    }
  }

  /// False: too much waits already.
  func say(_ text: String) -> Bool { texts.post(text) }

  /// Ends at once, in the middle of a word if need be.
  func stop() {
    stopping.withLock { $0 = true }
    waker.wake()
    thread.join()
  }

  private static func speech(of text: String, rate: Int, isWanted: () -> Bool) -> SessionLoop.Event {
    do {
      return .speech(try TypedSpeech.speak(text, rate: rate, isWanted: isWanted), isSynthetic: true)
    } catch {
      return .speechFailed(Notice(severity: .error, source: "mic", text: "cannot speak the typed text: \(error)"))
    }
  }
}
