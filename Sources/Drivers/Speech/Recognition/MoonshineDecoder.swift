import Agent
import CMoonshine
import Engines
import Glibc
import Threads

/// Moonshine's model, loaded once for the process, and the thread on which it decodes, one piece of speech at a time.
///
/// A decode takes one core: 60 ms for 1 s of speech, 1.1 s for 15 s. Who waits is served in the order of `DecodeQueue`.
/// Any thread.
final class MoonshineDecoder: Sendable {
  /// Takes the words, or nil when the decode has failed, and its processor time. On the decoder's thread.
  typealias Answer = @Sendable (_ text: String?, _ cost: Duration) -> Void

  private struct Work: Sendable {
    var samples: [Int16]
    var answer: Answer
  }
  private struct Contents {
    var queue = DecodeQueue()
    var work: [DecodeQueue.Ticket: Work] = [:]
    var isWorking = false
    var lastClient = 0
  }
  private let contents = Locked<Contents>(Contents())
  private let loading = ModelLoading()
  private let waker = Waker()
  private let folder: EngineFolder
  /// Open while the library is in use. See `finishLoading`.
  private let gate = FairGate(width: 1)

  /// Speech that is too short to hold a word: the model invents one.
  private static let shortest = Transcribing.sampleRate / 10

  init(_ folder: EngineFolder) { self.folder = folder }

  var state: SpeechModels.State { loading.state }
  /// Pieces of speech that wait or are being decoded, of all clients.
  var depth: Int { contents.withLock { $0.queue.depth + ($0.isWorking ? 1 : 0) } }

  /// Starts loading, unless that was done before; after a failure it tries again.
  func prepare(then callback: @escaping @Sendable () -> Void) {
    // Its thread lives until the process ends: a model is loaded once.
    loading.begin({ _ = NamedThread("moonshine") { self.run() } }, then: callback)
  }

  /// Waits until what is being loaded is: a process that ends while it opens a library may crash.
  func finishLoading() { loading.wait() }

  /// A number of its own for each client.
  func newClient() -> Int {
    contents.withLock { contents in
      contents.lastClient += 1
      return contents.lastClient
    }
  }

  /// - Returns: how many finals stand before it, of all clients, what is being decoded among them.
  @discardableResult
  func decode(_ job: Transcribing.Job, of client: Int, answer: @escaping Answer) -> Int {
    let ticket = DecodeQueue.Ticket(client: client, job: job.id)
    let before = contents.withLock { contents in
      let before = contents.queue.depthOfFinals + (contents.isWorking ? 1 : 0)
      contents.queue.add(ticket, isFinal: job.isFinal)
      contents.work[ticket] = Work(samples: job.samples, answer: answer)
      return before
    }
    waker.wake()
    return before
  }

  func withdraw(_ job: Int, of client: Int) {
    let ticket = DecodeQueue.Ticket(client: client, job: job)
    contents.withLock { contents in
      contents.queue.withdraw(ticket)
      contents.work[ticket] = nil
    }
  }

  func forget(client: Int) {
    contents.withLock { contents in
      contents.queue.forget(client: client)
      contents.work = contents.work.filter { $0.key.client != client }
    }
  }

  // MARK: - The decoder's thread

  private func run() {
    let opened: OpaquePointer
    do throws(EngineFault) {
      opened = try open()
    } catch {
      return loading.ended(.failed(reason: error.reason, remedy: error.remedy))
    }
    loading.ended(.ready)
    while true {
      while let work = next() { decode(work, with: opened) }
      waker.wait(timeout: nil)
    }
  }

  private func open() throws(EngineFault) -> OpaquePointer {
    let library = try folder.path(of: .moonshineLibrary)
    let model = try folder.path(of: .moonshineModel)
    return try gate.pass { () throws(EngineFault) in
      let opened = try CReason.orThrow(model) { moonshine_open(library, model, $0, $1) }
      // What the library frees when the process ends must not be in use then.
      atexit { HearingEngines.shared.moonshine.gate.close() }
      return opened
    }
  }

  private func next() -> Work? {
    contents.withLock { contents in
      contents.isWorking = false
      guard let ticket = contents.queue.next() else { return nil }
      contents.isWorking = true
      return contents.work.removeValue(forKey: ticket)
    }
  }

  private func decode(_ work: Work, with opened: OpaquePointer) {
    guard work.samples.count >= Self.shortest else { return work.answer("", .zero) }
    let began = Self.processorNanoseconds
    let audio = work.samples.map { Float($0) / 32_768 }
    var text = [CChar](repeating: 0, count: 4_096)
    let count = gate.pass {
      text.withUnsafeMutableBufferPointer { moonshine_words(opened, audio, audio.count, $0.baseAddress, $0.count) }
    }
    let words = count < 0 ? nil : String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    work.answer(words, .nanoseconds(Self.processorNanoseconds - began))
  }

  /// What this thread has worked so far. The library decodes on the thread that calls it.
  private static var processorNanoseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
