import Capture
import Captures
import Threads
import Timeline
import Wire

/// The capture of a session: the one place that makes a sink of the settings.
///
///     every entry ──► write ──► CaptureSink ──► file
///     microphone, speaker ──► tracks ──┘
///     status ──► CaptureWatch ──► notices, queue depths      once a second, on the session's thread
///
/// All methods may be called from any thread; none waits for a disk but `begin` and `close`.
public final class SessionCapture: Sendable {
  /// How it stands, in numbers.
  public struct Report: Sendable, Equatable {
    public var facts: CaptureWatch.Facts
    public var status: CaptureStatus
    /// What the file weighs, in bytes.
    public var byteCount: Int
  }

  /// Where it goes to, and what is kept.
  public let facts: CaptureWatch.Facts
  let sink: any CaptureSink
  private let byteCount: @Sendable () -> Int
  /// Captures of the folder that were deleted, until that was told.
  private let deleted = Locked<[String]>([])
  private let sweeping = Locked<NamedThread?>(nil)

  /// - Parameter byteCount: what the sink's file weighs.
  init(_ facts: CaptureWatch.Facts, to sink: any CaptureSink, byteCount: @escaping @Sendable () -> Int = { 0 }) {
    self.facts = facts
    self.sink = sink
    self.byteCount = byteCount
  }

  /// Begins the capture that was chosen; older ones of its folder are deleted behind it. A folder that cannot be written
  /// to is told of by notices, and so is a full disk.
  /// - Parameters:
  ///   - options: of the session; what they hold is written into the file, without secrets.
  ///   - utcOffsetSeconds: the local time is so far ahead of UTC.
  /// - Returns: nil where nothing is to be captured.
  /// - Throws: `CaptureFault` when a file that was named cannot be made.
  public static func begin(
    _ choice: CaptureChoice, _ options: SessionOptions, clock: TimelineClock, utcOffsetSeconds: Int
  ) throws(CaptureFault) -> SessionCapture? {
    var facts = CaptureWatch.Facts(path: "", keepsAudio: choice.keepsAudio)
    var folder: CaptureFolder?
    let now = clock.wallClockNow
    switch choice.place {
    case .nowhere, .homeless: return nil
    case .file(let path):
      facts.path = path
      try claim(choice)
    case .folder(let path):
      let place = CaptureFolder(path: path)
      facts.limits = choice.limits
      do {
        (facts.path, facts.isFirst) = try place.begin(at: now, utcOffsetSeconds: utcOffsetSeconds)
      } catch {
        // Whatever it is: the writer meets it, too, and tries again.
        facts.path = place.file(at: now, utcOffsetSeconds)
      }
      folder = place
    }
    var writing = CaptureFileWriter.Options()
    writing.secrets = options.session.secrets + options.requestSecrets.literals
    let header = CaptureHeader(
      programVersion: sidetoneVersion, settings: options.captured, wallClockMilliseconds: clock.wallClockMilliseconds)
    let writer = CaptureFileWriter(path: facts.path, header: header, options: writing)
    let capture = SessionCapture(facts, to: writer) { writer.fileByteCount }
    if let folder { capture.sweep(folder, choice.limits, now: now) }
    return capture
  }

  /// Makes a file that was named, empty: what is wrong with its place is better told before the screen is on.
  /// - Throws: `CaptureFault`, but not for a full disk, which may get room.
  public static func claim(_ choice: CaptureChoice) throws(CaptureFault) {
    guard case .file(let path) = choice.place else { return }
    do {
      try CaptureFileWriter.claim(path)
    } catch {
      if error != .full { throw error }
    }
  }

  /// To delete gigabytes takes a while.
  private func sweep(_ folder: CaptureFolder, _ limits: CaptureRetention, now: Int64) {
    let name = facts.path.lastPart
    let thread = NamedThread("capture room") { [self] in
      let names = folder.makeRoom(limits, writing: name, now: now)
      deleted.withLock { $0 = names }
    }
    sweeping.withLock { $0 = thread }
  }

  /// A reader of the timeline.
  public func write(_ entry: Entry) -> Bool { sink.write(entry) }

  public var report: Report { Report(facts: facts, status: sink.status, byteCount: byteCount()) }

  /// The captures that were deleted, once.
  func takeDeleted() -> [String] {
    deleted.withLock { names in
      defer { names = [] }
      return names
    }
  }

  /// Writes what waits, and ends.
  public func close() {
    sweeping.withLock { $0 }?.join()
    sink.close()
  }

  /// Where there is something to see again; nil when nothing is in the file.
  public var pathToReplay: String? { sink.status.kept.entries > 0 ? facts.path : nil }

  /// What to tell at the end when the capture is not whole; nil when it is.
  public var problem: String? { sink.status.problem(facts.path) }
}

extension TimelineClock {
  /// The time of day, in milliseconds since 1970-01-01 UTC, if it was not set anew since the timeline's start.
  var wallClockNow: Int64 { wallClockMilliseconds.adding(now.nanoseconds / 1_000_000) }
}

extension SessionOptions {
  /// The settings of the run as a JSON object, for the header of a capture. Secrets may still be in it.
  var captured: String {
    let jitter: [String: JSONValue] = [
      "min": .number(jitterMs.lowerBound), "target": .number(jitterTargetMs), "max": .number(jitterMs.upperBound),
    ]
    return JSONValue.object([
      "url": .string(url.redacted), "dialect": .string(dialect),
      "set": .object(dialectSettings.options.mapValues { .string($0) }),
      "input": .string(input.description), "output": .string(output.description),
      "input_rate": .number(Double(session.inputRate)), "chunk": .number(Double(session.chunkSampleCount)),
      "vad": .string(session.gateMode.rawValue),
      "mic_detector": .string(speechModel == nil ? "energy" : "silero"), "echo_cancel": .bool(cancelsEcho),
      "jitter_ms": .object(jitter),
    ]).jsonText
  }
}
