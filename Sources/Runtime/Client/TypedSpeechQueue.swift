import Speech
import Threads
import Timeline

/// Makes speech of typed text, one text at a time, on a thread of its own: synthesis takes tens of milliseconds, and
/// the session's thread waits for nobody.
struct TypedSpeechQueue {
  private enum Order: Sendable {
    case say(String)
    case stop
  }

  private let mailbox: Mailbox<Order>
  private let thread: NamedThread

  /// - Parameters:
  ///   - rate: samples a second of what is delivered.
  ///   - deliver: gets `.speech` or `.speechFailed`, on the queue's thread.
  init(rate: Int, deliver: @escaping @Sendable (SessionLoop.Event) -> Void) {
    let waker = Waker()
    let mailbox = Mailbox<Order>(capacity: 64) { waker.wake() }
    self.mailbox = mailbox
    thread = NamedThread("typed-speech") {
      var orders: [Order] = []
      while true {
        waker.wait(timeout: nil)
        mailbox.drain(into: &orders)
        for order in orders {
          switch order {
          case .stop: return
          case .say(let text): deliver(TypedSpeechQueue.speech(of: text, rate: rate))
          }
        }
      }
    }
  }

  func say(_ text: String) { mailbox.post(.say(text)) }

  func stop() {
    mailbox.post(.stop)
    thread.join()
  }

  private static func speech(of text: String, rate: Int) -> SessionLoop.Event {
    do {
      return .speech(try TypedSpeech.speak(text, rate: rate), isSynthetic: true)
    } catch {
      return .speechFailed(Notice(severity: .error, source: "mic", text: "cannot speak the typed text: \(error)"))
    }
  }
}
