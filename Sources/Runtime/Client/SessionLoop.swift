import Audio
import Engines
import Session
import Speech
import Synchronization
import Threads
import Timeline
import WebSockets
import Wire

/// A running session: the thread that waits on the socket, the microphone, the operator and the clock, asks the
/// session machine what to do, does it, and puts everything on the timeline.
///
/// All methods may be called from any thread and return at once, but for `stop`, which joins.
public final class SessionLoop: SessionPort {
  /// What reaches the session's thread.
  enum Event: Sendable {
    case socket(LinkID, WebSocketEvent, at: Timestamp)
    case command(OperatorCommand)
    case device(DeviceChange)
    /// Speech is ready to be spoken into the microphone path, or could not be made.
    case speech(InjectedSpeech, round: Int)
    case speechFailed(Notice, Injection.Source)
    /// The speech model of the microphone is there, or cannot be had.
    case speechModel(Result<SpeechModelLoader.Maker, EngineFault>)
  }

  let mailbox: Mailbox<Event>
  let waker = Waker()
  private let stopping = Locked<Bool>(false)
  private let failedOutput = Locked<String?>(nil)
  /// Audio that arrives may wait for the next microphone frame, which comes within 20 ms: until then enough is on its way
  /// to the ear. Two wake-ups are one then.
  let letsAudioWait = Atomic<Bool>(false)
  /// A busy session's 100 messages a second are far below; a burst waits in TCP beyond it.
  let inflow = Inflow<LinkID>(messageLimit: 4096, byteLimit: 16 << 20)
  private let thread: Locked<NamedThread?>

  /// Starts the session's thread at once; devices and models are opened behind it.
  /// - Parameters:
  ///   - readers: get every entry, on the thread that writes it; each must return at once.
  ///   - recording: how the timeline's file stands, if there is one; called on the session's thread.
  ///   - capture: gets every entry and the sound of both sides; whoever began it closes it after `stop`.
  ///   - finished: called once, on the session's thread, when the session is over.
  public init(
    _ options: SessionOptions, clock: TimelineClock, readers: [TimelineRecorder.Reader],
    recording: (@Sendable () -> RecordingStatus)? = nil, capture: SessionCapture? = nil,
    finished: @escaping @Sendable () -> Void
  ) {
    let waker = waker
    mailbox = Mailbox(capacity: 65_536) { waker.wake() }
    thread = Locked(nil)
    let started = NamedThread("session") { [self] in
      var driver = SessionDriver(
        options, clock: clock, readers: readers, loop: self, recording: recording, capture: capture)
      driver.run()
      finished()
    }
    thread.withLock { $0 = started }
  }

  public var card: PortCard { .session }
  public func perform(_ command: OperatorCommand) { mailbox.post(.command(command)) }

  /// Why the file that the session plays into could not be written, with its name; complete once `stop` has returned.
  public var outputFailure: String? { failedOutput.withLock { $0 } }
  func noteOutputFailure(_ text: String) { failedOutput.withLock { $0 = $0 ?? text } }

  /// Not an event: a full mailbox would refuse it.
  var isStopping: Bool { stopping.withLock { $0 } }

  /// Ends the session without ceremony, if it has not ended yet, and joins its thread. Takes three seconds at most.
  public func stop() {
    stopping.withLock { $0 = true }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
  }
}
