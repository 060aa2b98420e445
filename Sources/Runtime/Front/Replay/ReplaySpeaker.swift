import AudioDevices
import Capture
import Console
import Threads
import Timeline

/// Lets the sound of a recording be heard while it is played at its own pace, on a thread of its own.
///
///     whoever plays ─► commands ─► ReplaySound ─► OutputWriter ─ring─► the output's thread
///                                      ▲ │
///                                      │ └ read ─► CaptureSource
///
/// It reads, resamples and mixes ahead; the output's thread takes samples from a ring and does nothing else. The output is
/// opened when something is to be heard for the first time.
public final class ReplaySpeaker: Sendable {
  /// Opens an output of a rate.
  public typealias Open = @Sendable (AudioPortRequest) throws -> any AudioOutput

  fileprivate enum Command: Sendable {
    case play(from: Timestamp)
    case pause
    case seek(to: Timestamp)
    case choose(SoundChoice)
  }

  private struct State: Sendable {
    var commands: [Command] = []
    var isStopping = false
    var problem: String?
  }

  private let source: any CaptureSource
  private let clock: TimelineClock
  private let open: Open
  private let wake: @Sendable () -> Void
  private let waker = Waker()
  private let state = Locked<State>(State())
  private let thread = Locked<NamedThread?>(nil)

  /// Commands that wait; of more, the oldest are left out. The last one that moves or stops it is what counts.
  private static let mostCommands = 64

  /// - Parameters:
  ///   - clock: gives the moments between which the recording plays on.
  ///   - wake: called, on any thread, when there is a problem.
  ///   - open: opens what is played to; called on the thread.
  public init(
    _ source: any CaptureSource, clock: TimelineClock, wake: @escaping @Sendable () -> Void = {}, open: @escaping Open
  ) {
    self.source = source
    self.clock = clock
    self.wake = wake
    self.open = open
    let playing = NamedThread("replay sound") { [self] in run() }
    thread.withLock { $0 = playing }
  }

  /// Plays to what `--output` names.
  public convenience init(
    _ source: any CaptureSource, clock: TimelineClock, output: SessionOptions.Output,
    among backends: [AudioBackend] = AudioBackend.builtIn, wake: @escaping @Sendable () -> Void
  ) {
    self.init(source, clock: clock, wake: wake) { try AudioPorts.output(output, among: backends, $0) }
  }

  /// Does what is ordered; any thread.
  public func perform(_ order: ReplaySoundOrder) {
    switch order {
    case .play(let from): play(from: from)
    case .pause: pause()
    case .choose(let choice): choose(choice)
    }
  }

  /// The recording plays at its own pace, from a moment of it on. Any thread, as all the others.
  public func play(from moment: Timestamp) { tell(.play(from: moment)) }

  /// The recording stands, or plays at another pace: nothing is heard.
  public func pause() { tell(.pause) }

  /// The recording goes on elsewhere, at its own pace or standing as before.
  public func seek(to moment: Timestamp) { tell(.seek(to: moment)) }

  /// Which tracks are heard.
  public func choose(_ choice: SoundChoice) { tell(.choose(choice)) }

  /// Why some of it cannot be heard; nil while all can.
  public var problem: String? { state.withLock { $0.problem } }

  /// Ends the thread and the output.
  public func stop() {
    state.withLock { $0.isStopping = true }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
  }

  private func tell(_ command: Command) {
    state.withLock {
      $0.commands.append(command)
      if $0.commands.count > Self.mostCommands { $0.commands.removeFirst() }
    }
    waker.wake()
  }

  // MARK: The thread

  private func run() {
    var voice = Voice(source: source, clock: clock, open: open, waker: waker) { [self] problem in
      state.withLock { $0.problem = $0.problem ?? problem }
      wake()
    }
    while true {
      let (commands, isStopping) = state.withLock { state in
        defer { state.commands = [] }
        return (state.commands, state.isStopping)
      }
      if isStopping { break }
      for command in commands { voice.take(command) }
      voice.look()
      waker.wait(timeout: voice.deadline.map { max(.zero, $0 - clock.now) })
    }
    voice.close()
  }
}

extension ReplaySpeaker {
  /// The machine with what it is wired to. One thread.
  private struct Voice {
    let source: any CaptureSource
    let clock: TimelineClock
    let open: Open
    let waker: Waker
    let note: @Sendable (String) -> Void
    private var sound: ReplaySound?
    private var output: (port: any AudioOutput, writer: OutputWriter)?
    private var choice = SoundChoice.both
    /// The output could not be opened.
    private var isMute = false

    init(
      source: any CaptureSource, clock: TimelineClock, open: @escaping Open, waker: Waker,
      note: @escaping @Sendable (String) -> Void
    ) {
      self.source = source
      self.clock = clock
      self.open = open
      self.waker = waker
      self.note = note
    }

    var deadline: Timestamp? { sound?.deadline }

    mutating func take(_ command: Command) {
      guard !isMute else { return }
      switch command {
      case .play(let from):
        // What was recorded meanwhile is heard, too.
        tellTracks()
        tell(.play(from: from))
      case .choose(let choice):
        self.choice = choice
        tell(.choose(choice))
      case .seek(let to): tell(.seek(to: to))
      case .pause: tell(.pause)
      }
    }

    mutating func look() {
      guard let output, sound?.deadline != nil else { return }
      tell(.stood(queued: output.writer.queued))
    }

    func close() { output?.port.stop(drain: .zero) }

    private mutating func tellTracks() {
      do {
        let tracks = try source.tracks()
        guard !tracks.isEmpty else { return }
        if sound == nil {
          sound = ReplaySound(rate: ReplaySound.rate(for: tracks))
          tell(.choose(choice))
        }
        tell(.tracks(tracks))
      } catch {
        note("\(error)")
      }
    }

    /// Tells the machine, and does what it orders.
    private mutating func tell(_ input: ReplaySound.Input) {
      var orders = handle(input)
      while let order = orders.popFirst() {
        switch order {
        case .flush: output?.writer.flush()
        case .write(let samples):
          if let output {
            output.writer.write(samples)
            continue
          }
          guard openOutput() else { return }
          // That took its time.
          orders = handle(.choose(choice))
        case .read(let track, let range):
          var blocks: [AudioBlock] = []
          do {
            blocks = try source.audio(of: track, in: range)
          } catch {
            note("\(error)")
          }
          orders += handle(.read(track, range, blocks))
        }
      }
    }

    private mutating func handle(_ input: ReplaySound.Input) -> ArraySlice<ReplaySound.Order> {
      let now = clock.now
      return (sound?.handle(input, at: now) ?? [])[...]
    }

    private mutating func openOutput() -> Bool {
      guard let sound else { return false }
      let (waker, note) = (waker, note)
      let events: @Sendable (DeviceChange) -> Void = { change in
        if change.state.isMissing { note(change.text + (change.remedy.map { "; \($0)" } ?? "")) }
      }
      do {
        let port = try open(AudioPortRequest(rate: sound.rate, events: events, wake: { waker.wake() }))
        port.start()
        output = (port, OutputWriter(port))
        return true
      } catch {
        note("\(error)")
        (isMute, self.sound) = (true, nil)
        return false
      }
    }
  }
}

extension ReplaySpeaker.Command {
  fileprivate var input: ReplaySound.Input {
    switch self {
    case .play(let from): .play(from: from)
    case .pause: .pause
    case .seek(let to): .seek(to: to)
    case .choose(let choice): .choose(choice)
    }
  }
}
