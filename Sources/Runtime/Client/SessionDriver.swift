import Audio
import AudioDevices
import Session
import Speech
import Threads
import Timeline
import WebSockets
import Wire

/// What the session's thread owns: the machine, the ports, the paths between them.
///
/// It decides nothing that the machine could decide. Created, run and left on the session's thread.
struct SessionDriver {
  private let options: SessionOptions
  private let clock: TimelineClock
  private let loop: SessionLoop
  private let recording: (@Sendable () -> RecordingStatus)?
  private let capture: SessionCapture?
  private var captureNews: CaptureNews?
  private var captureSound: CaptureSound?
  private let recorder: TimelineRecorder
  private let sendsCredential: Bool
  /// Samples a second of the agent's audio, where nothing else says them.
  private let downlinkRate: Int
  private var machine: Session
  private let socket: WebSocketClient
  /// Breaks the circle of the socket and its event handler.
  private let releaseSocket: () -> Void
  private var ports: Ports?
  private var isFinished = false
  /// Speech from the command line waits for the first `ready`.
  private var opening: [InjectedSpeech] = []
  private var wasReady = false
  private var speeches: SpeechQueue
  private var encoder: UplinkEncoder
  /// Nobody speaks and nothing is heard: what stands in for a microphone may come in larger portions.
  private var isResting = false
  private var queues = QueueWatch()
  private var modelLoading: NamedThread?
  /// That the log cannot be written was said.
  private var hasToldRecording = false

  /// The audio side, once it is open.
  private struct Ports {
    var input: any AudioInput
    var output: any AudioOutput
    var mic: MicPath
    var playout: PlayoutPump
  }

  init(
    _ options: SessionOptions, clock: TimelineClock, readers: [TimelineRecorder.Reader], loop: SessionLoop,
    recording: (@Sendable () -> RecordingStatus)?, capture: SessionCapture?
  ) {
    self.options = options
    self.recording = recording
    self.capture = capture
    captureNews = capture.map { CaptureNews($0) }
    captureSound = CaptureSound(capture, inputRate: options.session.inputRate)
    self.clock = clock
    self.loop = loop
    let secrets = options.requestSecrets
    sendsCredential = !secrets.isEmpty || !options.session.secrets.isEmpty
    var configuration = options.session
    configuration.secrets += secrets.literals
    recorder = TimelineRecorder(readers: readers + (capture.map { [$0.write] } ?? []), secrets: configuration.secrets)
    configuration.wallClockMilliseconds = clock.wallClockMilliseconds
    let dialect = options.dialects.dialect(options.dialect, options.dialectSettings)
    downlinkRate = dialect.card.downlink.preferred.rate
    machine = Session(
      configuration, dialect: dialect,
      seed: options.seed ?? UInt64.random(in: .min ... .max))
    let mailbox = loop.mailbox
    let inflow = loop.inflow
    let sockets = Locked<WebSocketClient?>(nil)
    let socket = WebSocketClient { id, event in
      var wakes = MailboxWake.consumer
      if case .message(let bytes, let isText) = event {
        inflow.arrived(id, byteCount: bytes.count) { sockets.withLock { $0 }?.setReading(id, false) }
        if loop.letsAudioWait.load(ordering: .relaxed),
          (isText ? WireMessage.text(bytes) : .binary(bytes)).isLikelyAudio
        {
          wakes = .nobody
        }
      }
      mailbox.post(.socket(id, event, at: clock.now), wakes: wakes)
    }
    sockets.withLock { $0 = socket }
    self.socket = socket
    releaseSocket = { sockets.withLock { $0 = nil } }
    speeches = SpeechQueue(rate: options.session.inputRate) { mailbox.post($0) }
    encoder = UplinkEncoder(rate: options.session.inputRate, opus: options.opus)
  }

  /// The thread's whole life.
  mutating func run() {
    recorder.record(
      .sessionStarted(
        SessionStarted(
          version: sidetoneVersion, wallClockMilliseconds: clock.wallClockMilliseconds,
          url: options.url.redacted, dialect: options.dialect, inputRate: options.session.inputRate,
          input: options.input.description, output: options.output.description,
          sendsCredential: sendsCredential)), at: clock.now)
    let source = Source(
      kind: .client, name: "client", dialect: options.dialect, url: options.url.redacted,
      inputRate: options.session.inputRate)
    recorder.record(.sourceStarted(source), of: .first, at: clock.now)
    for notice in options.openingNotices { recorder.record(.notice(notice), at: clock.now) }
    openPorts()
    loadSpeechModel()
    loadOpeningSpeech()
    handle(.started)
    var events: [SessionLoop.Event] = []
    while !isFinished {
      loop.waker.wait(timeout: timeout)
      loop.mailbox.drain(into: &events)
      process(events)
    }
    close()
  }

  /// One round. Nothing follows the session's last entry.
  private mutating func process(_ events: [SessionLoop.Event]) {
    if loop.isStopping {
      let loss = machine.loss
      return finish(reason: loss ?? "stopped", orderly: loss == nil)
    }
    for event in events where !isFinished { handle(event) }
    if !isFinished { passMicFrames() }
    if !isFinished, let deadline = machine.deadline, deadline <= clock.now { handle(.deadlinePassed) }
    let now = clock.now
    if isFinished { return }
    record(ports?.playout.feed(at: now) ?? [])
    captureSound?.played(ports?.playout.takeTaped(at: now) ?? [])
    reportQueues(at: now)
    for notice in captureNews?.take(at: now) ?? [] { recorder.record(.notice(notice), at: now) }
    restOrWork()
    loop.letsAudioWait.store(!isResting && ports?.playout.isAhead == true, ordering: .relaxed)
  }

  private mutating func restOrWork() {
    guard let ports else { return }
    let rests = !ports.mic.isSpeaking && !machine.isSendingAudio && ports.playout.isIdle
    guard rests != isResting else { return }
    isResting = rests
    ports.input.setResting(rests)
  }

  private var timeout: Duration? {
    guard let deadline = machine.deadline else { return .seconds(1) }
    return min(max(.zero, deadline - clock.now), .seconds(1))
  }

  // MARK: Start and end

  private mutating func openPorts() {
    let mailbox = loop.mailbox
    let waker = loop.waker
    let events: @Sendable (DeviceChange) -> Void = { mailbox.post(.device($0)) }
    let wake: @Sendable () -> Void = { waker.wake() }
    let rate = options.session.inputRate
    do {
      let output = try AudioPorts.output(
        options.output, among: options.backends,
        AudioPortRequest(rate: downlinkRate, events: events, wake: wake))
      let input = try AudioPorts.input(
        options.input, among: options.backends, AudioPortRequest(rate: rate, events: events, wake: wake))
      var surroundings = MicPath.Surroundings.silent
      if case .mic = options.input { surroundings = options.cancelsEcho ? .speaker(output) : .noisy }
      ports = Ports(
        input: input, output: output,
        mic: MicPath(reader: InputReader(input), rate: rate, surroundings: surroundings, clock: clock),
        playout: PlayoutPump(
          output: output, rate: output.rate, defaultRate: downlinkRate, jitterMs: options.jitterMs,
          targetMs: options.jitterTargetMs, clock: clock, isTaped: captureSound != nil))
      captureSound?.begin(ports?.playout.track)
      output.start()
      // A pipe waits until somebody listens: its first words would be lost.
      if options.input != .stdin { input.start() }
    } catch {
      loop.noteOutputFailure("\(error)")
      notice(.outputFailed, .error, .speaker, "\(error)")
    }
  }

  private mutating func loadSpeechModel() {
    let mailbox = loop.mailbox
    modelLoading = options.speechModel?.load { mailbox.post(.speechModel($0)) }
  }

  private mutating func loadOpeningSpeech() {
    switch options.input {
    case .file(let path):
      opening.append(
        InjectedSpeech(samples: options.recording, source: .input, name: path.lastPart, isSynthetic: false))
    case .say(let text): speak(.words(text), as: .input)
    case .mic, .silence, .stdin, .other: break
    }
  }

  private mutating func close() {
    socket.stop(deadline: .seconds(1))
    releaseSocket()
    speeches.stop()
    modelLoading?.join()
    ports?.input.stop()
    ports?.output.stop(drain: .milliseconds(300))
    captureSound?.played(ports?.playout.finishTape() ?? [])
    // Also what failed with the very last samples, when nobody reads the timeline any more.
    if let file = ports?.output as? FileOutput, let failure = file.failure {
      loop.noteOutputFailure("\(failure); \(file.lost) samples are missing")
    }
  }

  /// What found no room anywhere on the way: nothing is lost unseen.
  private mutating func reportQueues(at now: Timestamp) {
    guard queues.isDue(at: now) else { return }
    let (depth, refused) = loop.mailbox.status
    queues.observe(.events, depth, of: loop.mailbox.capacity, dropped: refused, .events)
    if let (input, output) = ports.map({ ($0.input, $0.output) }) {
      queues.observe(.micRing, input.ring.count, of: input.ring.capacity, dropped: input.ring.dropped, .samples)
      queues.observe(.speakerRing, output.ring.count, of: output.ring.capacity, dropped: output.ring.dropped, .samples)
      // On a full disk nothing is a matter of speed: the device has failed, and how much is missing is told at the end.
      if let file = output as? FileOutput, file.failure == nil {
        queues.observe(.outputFile, 0, of: nil, dropped: file.lost, .samples)
      }
    }
    if let recording = recording?() {
      if let failure = recording.failure, !hasToldRecording {
        hasToldRecording = true
        notice(
          .recordingFailed, .error, .log, failure,
          remedy: "make room on the disk, or give another --log FILE; the session goes on, and what is lost is counted")
      } else if recording.failure == nil {
        queues.observe(.recorder, recording.depth, of: recording.capacity, dropped: recording.lost, .entries)
      }
    }
    if let capture { queues.observe(capture) }
    for depth in queues.takeChanged() { recorder.record(.queue(depth), at: now) }
  }

  // MARK: What arrives

  private mutating func handle(_ event: SessionLoop.Event) {
    switch event {
    case .socket(let id, let event, let arrival): handle(id, event, at: arrival)
    case .command(let command): handle(.commanded(command))
    case .device(let change):
      recorder.record(.device(change), at: clock.now)
      ports?.mic.deviceChanged(change)
    case .speech(let speech, let round):
      guard round == speeches.round else { return }
      if wasReady { speak([speech]) } else { opening.append(speech) }
    case .speechFailed(let failure, let source):
      recorder.record(.notice(failure), at: clock.now)
      if source == .input { inputFailed(failure) }
    case .speechModel(.success(let make)): if let model = make() { ports?.mic.measure(with: model) }
    case .speechModel(.failure(let fault)):
      notice(
        .engineMissing, .warning, .mic, "energy tells when somebody speaks into the microphone: \(fault.reason)",
        remedy: fault.remedy)
    }
  }

  // MARK: Speech in the microphone's place

  private mutating func speak(_ material: SpokenMaterial, as source: Injection.Source) {
    guard !speeches.speak(material, as: source) else { return }
    notice(.tooMuchToSpeak, .warning, .mic, "too much waits to be spoken; this one is lost")
  }

  private mutating func speak(_ ready: [InjectedSpeech]) {
    let askedAt = isResting ? clock.now : nil
    for speech in ready { ports?.mic.speak(speech, afterRest: askedAt) }
  }

  private mutating func stopSpeaking() {
    speeches.drop()
    opening = []
    let dropped = ports?.mic.stopSpeaking() ?? []
    guard !dropped.isEmpty else {
      return notice(.nothingSpoken, .info, .mic, "nothing was being spoken")
    }
    record(dropped)
  }

  private mutating func record(_ changes: [Injection]) {
    for change in changes {
      recorder.record(.injection(change), at: clock.now)
      if change.source == .input, change.state != .started { inputEnded() }
    }
  }

  /// - Parameter arrival: when it happened; it may have waited.
  private mutating func handle(_ id: LinkID, _ event: WebSocketEvent, at arrival: Timestamp) {
    switch event {
    case .opened(let stages, let subprotocol):
      handle(
        .connectionOpened(id, stages: stages, subprotocol: subprotocol.map { SubprotocolSecrets.hidden($0) }))
    case .message(let bytes, let isText):
      handle(.messageReceived(id, isText ? .text(bytes) : .binary(bytes)), at: arrival)
      loop.inflow.taken(id, byteCount: bytes.count) { socket.setReading(id, true) }
    case .pong(let payload): handle(.pongReceived(id, payload: payload), at: arrival)
    case .refused(let total):
      recorder.record(
        .queue(
          QueueDepth(
            name: .socket, depth: WebSocketLimits.sendQueueBytes, capacity: WebSocketLimits.sendQueueBytes,
            dropped: total, unit: .bytes)), at: clock.now)
    case .backlog(let byteCount): handle(.socketBacklogChanged(id, byteCount: byteCount))
    case .closed(let code, let reason, let by):
      loop.inflow.forget(id)
      handle(.connectionClosed(id, code: code, reason: reason, by: by))
    case .failed(let failure):
      handle(
        .connectionFailed(
          id, reason: failure.reason, isPermanent: failure.isPermanent,
          retryAfter: failure.retryAfterSeconds.map { .seconds($0) }))
    }
  }

  private mutating func hear(_ payloads: [AudioPayload]) {
    guard case .speaker = options.output else {
      let why = "nothing is played: the output is \(options.output.description)"
      return notice(.auditionRefused, .warning, .speaker, why, remedy: "start with --output speaker")
    }
    let now = clock.now
    record(ports?.playout.audition(payloads, at: now) ?? [])
  }

  private mutating func passMicFrames() {
    let now = clock.now
    guard let heard = ports?.mic.take(at: now) else { return }
    for event in heard.news { recorder.record(event, at: now) }
    record(heard.changes.filter { $0.state == .started })
    for frame in heard.frames {
      captureSound?.heard(frame.samples, capturedAt: frame.capturedAt, now: now)
      handle(
        .micFrameCaptured(
          frame.samples, isSynthetic: frame.isSynthetic, capturedAt: frame.capturedAt,
          probabilities: frame.probabilities))
    }
    record(heard.changes.filter { $0.state != .started })
  }

  /// The speech that the command line asked for is over.
  private mutating func inputEnded() {
    switch options.input {
    case .file, .say:
      recorder.record(
        .device(
          DeviceChange(role: .mic, state: .ended, name: options.input.description, text: "spoken to its end")),
        at: clock.now)
    case .mic, .silence, .stdin, .other: break
    }
  }

  /// What was to be spoken cannot be.
  private mutating func inputFailed(_ why: Notice) {
    recorder.record(
      .device(
        DeviceChange(
          role: .mic, state: .failed, name: options.input.description, text: "--input \(options.input): \(why.text)",
          remedy: why.remedy)), at: clock.now)
  }

  // MARK: What the machine orders

  private mutating func handle(_ input: SessionInput) { handle(input, at: clock.now) }

  private mutating func handle(_ input: SessionInput, at now: Timestamp) {
    var next: SessionInput? = input
    while let input = next {
      next = nil
      for effect in machine.handle(input, at: now) {
        // Not two at a time, and not one within the other: many chunks may wait.
        if case .encode(let id, let samples, let codec, let isLast) = effect {
          next = .audioEncoded(id, encoder.encode(samples, for: id, as: codec, isLast: isLast))
        } else {
          perform(effect, at: now)
        }
      }
    }
  }

  private mutating func perform(_ effect: SessionEffect, at now: Timestamp) {
    switch effect {
    case .connect(let id, let resume): connect(id, resume: resume)
    case .send(let id, let frame): socket.send(id, frame.payload, isText: frame.isText)
    // `handle` has done it.
    case .encode: break
    case .ping(let id, let payload): socket.ping(id, payload: payload)
    case .close(let id, let code, let reason): socket.close(id, code: code, reason: reason)
    case .abort(let id): socket.abort(id)
    case .setStalled(let id, let stalled): socket.setStalled(id, stalled)
    case .play(let payload, let response):
      record(
        ports?.playout.play(
          payload.bytes, format: payload.format, rate: payload.rate, response: response, at: now) ?? [])
    case .expectMore(let response): ports?.playout.expectMore(of: response)
    case .endPlay(let response): record(ports?.playout.endOfResponse(response, at: now) ?? [])
    case .flushPlayout:
      // What asked for it may have waited; what is still heard counts from the moment at which the rest is withdrawn.
      let now = clock.now
      record(ports?.playout.flush(at: now) ?? [])
    case .holdPlayout:
      let now = clock.now
      record(ports?.playout.hold(at: now) ?? [])
    case .resumePlayout:
      let now = clock.now
      record(ports?.playout.resume(at: now) ?? [])
    case .speak(let material): speak(material, as: material.source)
    case .stopSpeaking: stopSpeaking()
    case .audition(let pieces): hear(pieces)
    case .record(let event):
      recorder.record(event, at: now)
      if case .connection(let change) = event, change.state == .ready { speakOpening() }
    case .finish(let reason, let orderly): finish(reason: reason, orderly: orderly)
    }
  }

  private mutating func speakOpening() {
    wasReady = true
    if options.input == .stdin { ports?.input.start() }
    speak(opening)
    opening = []
  }

  private mutating func connect(_ id: LinkID, resume: ResumeTicket?) {
    var url = options.url
    let codec = options.session.codec
    let usual = codec == .pcm16 ? nil : "\(codec.rawValue),binary"
    if let audio = options.session.asksForAudio ?? usual { url.appendQuery(name: "audio", value: audio) }
    if codec != .pcm16 { url.appendQuery(name: "audio_in", value: codec.rawValue) }
    if let resume {
      url.appendQuery(name: "session", value: resume.sessionID)
      url.appendQuery(name: "token", value: resume.token)
    }
    socket.connect(
      id,
      ConnectRequest(
        url: url, headers: options.headers, subprotocols: options.subprotocols, caFile: options.caFile,
        certificateFile: options.certificateFile, keyFile: options.keyFile, proxies: options.proxies,
        insecure: options.isInsecure))
  }

  /// What the playout has to tell, each fact at its own moment.
  private mutating func record(_ facts: [PlayoutFact]) {
    for fact in facts {
      recorder.record(fact.event, at: fact.at)
      if case .playoutChange(let change) = fact.event { handle(.playoutChanged(change), at: fact.at) }
    }
  }

  private mutating func notice(
    _ id: NoticeID, _ severity: Notice.Severity, _ source: NoticeSource, _ text: String, remedy: String? = nil
  ) {
    recorder.record(
      .notice(Notice(id, severity, source, text, remedy: remedy)), at: clock.now)
  }

  private mutating func finish(reason: String, orderly: Bool) {
    isFinished = true
    recorder.record(.sessionEnded(SessionEnded(reason: reason, orderly: orderly)), at: clock.now)
  }
}

extension SpokenMaterial {
  /// What asked for it.
  fileprivate var source: Injection.Source {
    switch self {
    case .words: .say
    case .file: .play
    }
  }
}
