import CWebSockets
import Glibc
import Synchronization
import Threads

/// One lws_context on one thread. Subclasses are the two roles.
///
/// Other threads only `post`; everything else runs on the loop's thread, inside or between libwebsockets' callbacks.
class ServiceLoop: @unchecked Sendable {
  // Sendable: `inbox` is locked, `liveConnections` is atomic; every other stored property is touched by the loop's
  // thread alone once `start` has returned (before that, by the starting thread while the loop waits for nothing).
  private struct Inbox {
    var jobs: [@Sendable () -> Void] = []
    /// Payload bytes in `jobs`.
    var byteCount = 0
    /// The loop runs, and takes jobs.
    var isOpen = false
  }

  /// lws_create_context and lws_context_destroy share globals: one at a time in the process. Counts the contexts there
  /// are (a lock around nothing, `Void`, looks like a race to ThreadSanitizer).
  private static let contextCount = Locked<Int>(0)

  /// Initialises OpenSSL's side of libwebsockets once in the process, by a context that is thrown away.
  ///
  /// libwebsockets 4.1 finds the connection of a certificate check through two process-global indexes that every
  /// context with this option allocates anew: a context that began while another one was shaking hands made that
  /// handshake fail. So no real context has the option; their virtual hosts, which need it for TLS, do. The one that is
  /// thrown away has no virtual host, which would read all the system's certificates.
  private static let initialised: Void = {
    var info = lws_context_creation_info()
    info.gid = -1
    info.uid = -1
    info.port = CONTEXT_PORT_NO_LISTEN
    info.options = UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
    if let context = lws_create_context(&info) { lws_context_destroy(context) }
  }()

  /// Before the first virtual host that does TLS, of any context; a process that does none never pays for it.
  static func prepareTLS() { contextCount.withLock { _ in Self.initialised } }

  private let inbox = Locked<Inbox>(Inbox())
  /// The lws_context as a number, 0 when there is none; a pointer could not cross threads in here. A lock of its own:
  /// the loop that is woken would find the inbox's held by whoever wakes it, and sleep again.
  private let wakeable = Locked<UInt>(0)
  private let name: String
  private var thread: NamedThread?
  private var threadHandle = pthread_t()
  private let log = ServiceLog()
  private(set) var context: OpaquePointer?
  /// Where everything belongs that is not the TLS of a client.
  private(set) var vhost: OpaquePointer?
  private var timer: UnsafeMutablePointer<cws_timer>?
  private var timerDeadline = Int64.max
  private var isFinished = false
  private var stopDeadline: Int64?
  private var isKilling = false

  /// Keys of channels that want to write, asked for between two rounds.
  private var wantingWritable: Set<UnsafeMutableRawPointer> = []
  /// Every connection between its first and its terminal event; lws holds unretained pointers to them.
  private(set) var connections: [UnsafeMutableRawPointer: Channel] = [:]
  /// Connection objects alive, for tests that look for leaks.
  let liveConnections = Atomic<Int>(0)

  /// - Parameter name: the thread's, at most 15 bytes.
  init(name: String) { self.name = name }

  // MARK: - Roles

  /// Whether the virtual host of `configure` does TLS: that reads the system's certificates, which takes longer than
  /// all the rest of the start.
  var isSecure: Bool { false }
  /// Fills in what the role needs and keeps alive what lws holds by pointer.
  func configure(_ info: inout lws_context_creation_info) {}
  /// The context is there. False: start fails.
  func started() -> Bool { true }
  /// Called once, after the context is gone.
  func ended() {}
  /// A callback that the shared part does not handle.
  func handle(_ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int)
    -> Int32
  { 0 }
  /// lws has let go of a connection's wsi.
  func released(_ connection: Channel) { finish(connection) }
  /// A wsi is gone that was no connection's.
  func gone(_ wsi: OpaquePointer) {}
  /// Close in an orderly way, as far as it is open.
  func beginStop() {}
  /// After each round of libwebsockets' callbacks.
  func betweenRounds() {}
  /// What the role has to do by itself, beside the connections' own: when, and what. Monotonic nanoseconds.
  var roleDeadline: Int64? { nil }
  func roleTick(at now: Int64) {}

  // MARK: - Any thread

  /// Starts the thread and waits until its context is there. Returns lws' last log lines when it could not be made.
  func start() -> [String]? {
    ServiceLog.install()
    let outcome = Locked<[String]??>(nil)
    let waker = Waker()
    thread = NamedThread(name) { [self] in
      run { failure in
        outcome.withLock { $0 = .some(failure) }
        waker.wake()
      }
    }
    while true {
      if let result = outcome.withLock({ $0 }) { return result }
      waker.wait(timeout: nil)
    }
  }

  /// Runs `job` on the loop's thread, in order. Returns false when the loop has ended, or when `byteCount` more bytes
  /// would exceed the send queue's limit before the loop has even seen them.
  @discardableResult
  func post(byteCount: Int = 0, _ job: @escaping @Sendable () -> Void) -> Bool {
    let (isTaken, isFirst) = inbox.withLock { inbox in
      guard inbox.isOpen else { return (false, false) }
      if byteCount > 0 {
        guard inbox.byteCount == 0 || inbox.byteCount + byteCount <= 2 * WebSocketLimits.sendQueueBytes,
          inbox.jobs.count < WebSocketLimits.sendQueueMessages
        else { return (false, false) }
      }
      inbox.byteCount += byteCount
      inbox.jobs.append(job)
      return (true, inbox.jobs.count == 1)
    }
    // Under its lock: the context is destroyed only after it was taken out of there.
    if isFirst { wakeable.withLock { if $0 != 0 { lws_cancel_service($0.pointer) } } }
    return isTaken
  }

  /// Closes what is open, waits for the answers until `deadline` is over, drops the rest and joins the thread.
  func stop(deadline: Duration) {
    let end = monotonicNanoseconds() + Self.nanoseconds(deadline)
    post { [self] in
      guard stopDeadline == nil else { return }
      stopDeadline = end
      beginStop()
      advanceStop()
    }
    // From an event handler the loop cannot wait for itself; it ends when the handler returns.
    let isLoop = inbox.withLock { $0.isOpen } && pthread_equal(pthread_self(), threadHandle) != 0
    if !isLoop { thread?.join() }
  }

  static func nanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return min(max(seconds, 0), 1 << 32) * 1_000_000_000 + max(attoseconds, 0) / 1_000_000_000
  }

  // MARK: - The loop's thread

  private func run(_ report: ([String]?) -> Void) {
    threadHandle = pthread_self()
    log.attach()
    defer { log.detach() }
    var info = lws_context_creation_info()
    info.gid = -1
    info.uid = -1
    info.port = CONTEXT_PORT_NO_LISTEN
    info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
    // 4096, the default, would cut every message of 64 ms base64 audio in two.
    info.pt_serv_buf_size = 65_536
    info.max_http_header_data = 16_384
    info.user = Unmanaged.passUnretained(self).toOpaque()
    configure(&info)
    context =
      Self.contextCount.withLock { count in
        count += 1
        return UInt(bitPattern: lws_create_context(&info))
      }.pointer
    if context != nil {
      if isSecure {
        Self.prepareTLS()
        info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
      }
      vhost = lws_create_vhost(context, &info)
    }
    guard vhost != nil, started() else {
      destroy()
      report(log.lines)
      return
    }
    wakeable.withLock { $0 = UInt(bitPattern: context) }
    inbox.withLock { $0.isOpen = true }
    report(nil)
    while !isFinished, lws_service(context, 0) >= 0 {
      askForWritable()
      betweenRounds()
    }
    inbox.withLock {
      $0.isOpen = false
      $0.jobs = []
    }
    wakeable.withLock { $0 = 0 }
    destroy()
  }

  private func destroy() {
    let number = UInt(bitPattern: context)
    Self.contextCount.withLock { count in
      count -= 1
      if number != 0 { lws_context_destroy(number.pointer) }
    }
    context = nil
    // What libwebsockets did not report, if anything: each connection has its terminal event.
    for connection in Array(connections.values) { finish(connection) }
    timer?.deallocate()
    timer = nil
    ended()
  }

  private func runJobs() {
    let jobs = inbox.withLock { inbox in
      let jobs = inbox.jobs
      inbox.jobs = []
      inbox.byteCount = 0
      return jobs
    }
    for job in jobs { job() }
  }

  /// Asks for a callback when the channel's socket takes bytes. libwebsockets forgets what a raw file's own callback asks
  /// for: it withdraws its question only when that callback has returned.
  func wantWritable(_ channel: Channel) { wantingWritable.insert(channel.key) }

  private func askForWritable() {
    guard !wantingWritable.isEmpty else { return }
    for key in wantingWritable { if let wsi = connections[key]?.wsi { lws_callback_on_writable(wsi) } }
    wantingWritable.removeAll(keepingCapacity: true)
  }

  func add(_ connection: Channel) { connections[connection.key] = connection }

  /// Gives a connection its terminal event, exactly once.
  func finish(_ connection: Channel) {
    guard connections.removeValue(forKey: connection.key) != nil else { return }
    connection.wsi = nil
    connection.finish()
    if stopDeadline != nil { advanceStop() }
  }

  /// While stopping: ends the loop when nothing is left, drops what is left at the deadline.
  private func advanceStop() {
    guard let stopDeadline else { return }
    if connections.isEmpty {
      isFinished = true
      lws_cancel_service(context)
    } else if monotonicNanoseconds() >= stopDeadline {
      if isKilling {
        // A second later they are still there: the context's end takes them along.
        isFinished = true
        lws_cancel_service(context)
      } else {
        isKilling = true
        self.stopDeadline = stopDeadline + 1_000_000_000
        for connection in Array(connections.values) { connection.abandon() }
        schedule(at: stopDeadline + 1_000_000_000)
      }
    } else {
      schedule(at: stopDeadline)
    }
  }

  /// Ends a connection without a close frame, whatever state it is in.
  func drop(_ connection: Channel) {
    if let wsi = connection.wsi { cws_kill_async(wsi) } else { finish(connection) }
  }

  var isStopping: Bool { stopDeadline != nil }

  // MARK: - Timers

  /// Makes sure that `tick` runs at `deadline` (monotonic nanoseconds) or before.
  func schedule(at deadline: Int64) {
    guard let context, deadline < timerDeadline else { return }
    let timer = self.timer ?? makeTimer()
    timerDeadline = deadline
    let microseconds = max(1, (deadline - monotonicNanoseconds() + 999) / 1000)
    lws_sul_schedule(context, 0, &timer.pointee.sul, Self.timerCallback, microseconds)
  }

  private func makeTimer() -> UnsafeMutablePointer<cws_timer> {
    let new = UnsafeMutablePointer<cws_timer>.allocate(capacity: 1)
    new.initialize(to: cws_timer())
    new.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
    timer = new
    return new
  }

  private static let timerCallback: sul_cb_t = { list in
    guard let list else { return }
    let owner = UnsafeMutableRawPointer(list).assumingMemoryBound(to: cws_timer.self).pointee.owner
    Unmanaged<ServiceLoop>.fromOpaque(owner!).takeUnretainedValue().tick()
  }

  private func tick() {
    timerDeadline = .max
    for connection in Array(connections.values) where connections[connection.key] != nil {
      connection.tick(at: monotonicNanoseconds())
    }
    roleTick(at: monotonicNanoseconds())
    if let next = connections.values.lazy.compactMap(\.deadline).min() { schedule(at: next) }
    if let roleDeadline { schedule(at: roleDeadline) }
    if isStopping { advanceStop() }
  }

  // MARK: - Callbacks

  static let callback:
    @convention(c) (
      OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int
    ) -> Int32 = { wsi, reason, _, data, length in
      guard let wsi, let context = lws_get_context(wsi), let user = lws_context_user(context) else { return 0 }
      return Unmanaged<ServiceLoop>.fromOpaque(user).takeUnretainedValue().dispatch(wsi, reason, data, length)
    }

  func connection(of wsi: OpaquePointer) -> Channel? {
    lws_get_opaque_user_data(wsi).flatMap { connections[$0] }
  }

  private func dispatch(
    _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int
  ) -> Int32 {
    switch reason {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
      // Once for each protocol: the second finds nothing.
      runJobs()
    case LWS_CALLBACK_WSI_DESTROY:
      if let connection = connection(of: wsi), connection.wsi == nil || connection.wsi == wsi {
        connection.wsi = nil
        released(connection)
      } else {
        gone(wsi)
      }
    default:
      return connection(of: wsi)?.handle(reason, data, length) ?? handle(wsi, reason, data, length)
    }
    return 0
  }
}

extension UInt {
  fileprivate var pointer: OpaquePointer? { OpaquePointer(bitPattern: self) }
}
