import Foundation
import Synchronization

/// A sound card for machines that have none: real ALSA, real pacing, and faults on request.
///
///     program ─ libasound ─ plug ─ plugin ─┬─ mic.raw      frames to be captured
///                                          ├─ speaker.raw  frames that were played
///                                          └─ control      a page of numbers, shared with the test
///
/// Set `ALSA_CONFIG_PATH` to `configPath` before the program opens a device: `default` is the card, through `plug`;
/// `card` is the same without `plug`, and so has only the rate, channels and format it was made with.
public final class VirtualSoundCard: @unchecked Sendable {
  // Sendable: `words` points to atomics in a mapping that lives as long as this object; the rest never changes.

  /// How the card is made.
  public struct Options: Sendable {
    /// The only rate it has; nil: any from 8000 to 48000.
    public var rate: Int?
    /// The only number of channels it has; nil: 1 or 2.
    public var channels: Int?
    /// `S16_LE` or `S32_LE`.
    public var format = "S16_LE"
    /// How much faster than CLOCK_MONOTONIC its clock runs, in parts per million.
    public var driftPPM = 0
    /// What lies behind its playback buffer, in milliseconds.
    public var latencyMs = 0
    /// How loud the speaker is in the microphone, as a share of full loudness, and how much later than it is played,
    /// in milliseconds: card and headphones for 0, a room otherwise. 16 bit only.
    public var echo = 0.0
    public var echoMs = 12
    /// The sound server that it says it is, as in `PulseAudio`; nil: a card.
    public var server: String?
    public init(
      rate: Int? = nil, channels: Int? = nil, format: String = "S16_LE", driftPPM: Int = 0, latencyMs: Int = 0,
      echo: Double = 0, echoMs: Int = 12, server: String? = nil
    ) {
      self.server = server
      self.rate = rate
      self.channels = channels
      self.format = format
      self.driftPPM = driftPPM
      self.latencyMs = latencyMs
      self.echo = echo
      self.echoMs = echoMs
    }
  }

  /// Why the card could not be made.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// The numbers on the shared page, in the order of the plugin's `struct control`.
  private enum Word: Int, CaseIterable {
    case unplugged, busy, frozen, captureXruns, playbackXruns, captured, played, lastSound, opened
  }

  /// What `ALSA_CONFIG_PATH` must be.
  public var configPath: String { directory.appendingPathComponent("asound.conf").path }
  /// What the microphone hears: raw frames in the card's format.
  public var microphonePath: String { directory.appendingPathComponent("mic.raw").path }
  /// What was played so far: raw frames in the card's format, in whole periods, without what was dropped unplayed.
  public var speakerPath: String { directory.appendingPathComponent("speaker.raw").path }

  let options: Options
  private let directory: URL
  /// What the microphone gave, as raw frames, and when either direction was started.
  var heardPath: String { directory.appendingPathComponent("heard.raw").path }
  var journalPath: String { directory.appendingPathComponent("journal").path }
  private let words: UnsafeMutablePointer<Atomic<Int64>>
  private static let pageSize = 4096 + (4 << 16)

  /// Builds the plugin with `cc` and writes the configuration.
  /// - Parameters:
  ///   - directory: an existing directory of the test's own.
  ///   - microphone: 16-bit frames to be captured (interleaved if there are two channels), then silence.
  /// - Throws: `Failure` when a file cannot be written or the compiler refuses.
  public init(directory: String, options: Options = Options(), microphone: [Int16] = []) throws {
    self.directory = URL(fileURLWithPath: directory, isDirectory: true)
    self.options = options
    let library = self.directory.appendingPathComponent("libasound_module_pcm_sidetone.so")
    let control = self.directory.appendingPathComponent("control")
    try VirtualSoundCard.compile(VirtualSoundCard.pluginSource, to: library)
    try Data(count: VirtualSoundCard.pageSize).write(to: control)
    words = try VirtualSoundCard.map(control)
    for recording in [speakerPath, heardPath, journalPath] { try Data().write(to: URL(fileURLWithPath: recording)) }
    try microphone.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: microphonePath)) }
    try Data(configuration(options, library: library.path, control: control.path).utf8)
      .write(to: URL(fileURLWithPath: configPath))
  }

  deinit { munmap(words, VirtualSoundCard.pageSize) }

  /// The microphone hears these 16-bit frames as soon as it has heard what it was given before.
  /// - Throws: when the microphone's file cannot be written.
  public func speak(_ frames: [Int16]) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: microphonePath))
    defer { try? file.close() }
    try file.seekToEnd()
    try frames.withUnsafeBytes { try file.write(contentsOf: Data($0)) }
  }
  /// From now on the card is gone: running streams fail with ENODEV, opening with ENOENT.
  public func unplug() { self[.unplugged].store(1, ordering: .sequentiallyConsistent) }
  /// The card is back.
  public func replug() { self[.unplugged].store(0, ordering: .sequentiallyConsistent) }
  /// Another program has the card, or has it no longer.
  public func setBusy(_ isBusy: Bool) { self[.busy].store(isBusy ? 1 : 0, ordering: .sequentiallyConsistent) }
  /// The card's clock stands still, without any error, or runs on.
  public func setFrozen(_ isFrozen: Bool) { self[.frozen].store(isFrozen ? 1 : 0, ordering: .sequentiallyConsistent) }
  /// The running capture overruns `count` times.
  public func injectOverruns(_ count: Int = 1) {
    self[.captureXruns].add(Int64(count), ordering: .sequentiallyConsistent)
  }
  /// From now on capture overruns each time it is asked for samples, and playback underruns, though both can be begun anew:
  /// as a stream does whose sound server has ended. Or no longer.
  public func setDead(_ isDead: Bool) {
    for xruns in [Word.captureXruns, .playbackXruns] {
      self[xruns].store(isDead ? Int64.max : 0, ordering: .sequentiallyConsistent)
    }
  }
  /// The running playback underruns `count` times.
  public func injectUnderruns(_ count: Int = 1) {
    self[.playbackXruns].add(Int64(count), ordering: .sequentiallyConsistent)
  }
  /// Frames captured since the card was made.
  public var capturedFrames: Int { Int(self[.captured].load(ordering: .sequentiallyConsistent)) }
  /// Frames that left the speaker since the card was made.
  public var playedFrames: Int { Int(self[.played].load(ordering: .sequentiallyConsistent)) }
  /// How often it was opened, both directions together.
  public var openCount: Int { Int(self[.opened].load(ordering: .sequentiallyConsistent)) }
  /// When the last frame that is not silence was heard, its latency included: nanoseconds on CLOCK_MONOTONIC; 0 if
  /// none was.
  public var lastSoundNanoseconds: Int64 { self[.lastSound].load(ordering: .sequentiallyConsistent) }
  /// What was played so far, of a card with 16-bit samples.
  public func played() throws -> [Int16] { try frames(in: speakerPath) }

  /// How often a direction was started: `speaker` or `microphone`.
  public func starts(of direction: String) throws -> Int {
    try String(contentsOfFile: journalPath, encoding: .utf8).split(separator: "\n").count { $0.hasPrefix(direction) }
  }

  func frames(in path: String) throws -> [Int16] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return [Int16](unsafeUninitializedCapacity: data.count / 2) { buffer, count in
      count = data.copyBytes(to: UnsafeMutableBufferPointer(rebasing: buffer[..<(data.count / 2)])) / 2
    }
  }

  private subscript(word: Word) -> UnsafeMutablePointer<Atomic<Int64>>.Pointee {
    _read { yield words[word.rawValue] }
  }

  private func configuration(_ options: Options, library: String, control: String) -> String {
    var fields = "type sidetone control \"\(control)\" format \(options.format)"
    if let rate = options.rate { fields += " rate \(rate)" }
    if let channels = options.channels { fields += " channels \(channels)" }
    fields += " ppm \(options.driftPPM) latency_ms \(options.latencyMs)"
    fields += " echo_permille \(Int(options.echo * 1000)) echo_ms \(options.echoMs)"
    if let server = options.server { fields += " server \"\(server)\"" }
    fields += " infile \"\(microphonePath)\" outfile \"\(speakerPath)\""
    fields += " heardfile \"\(heardPath)\" journal \"\(journalPath)\""
    // ALSA_CONFIG_PATH replaces the system's configuration. Nothing of it is taken over: it would bring the machine's own
    // sound server or `.asoundrc`, which define another `default`. alsa-lib knows `plug`, `hw` and `null` by itself; only
    // these names for them are the configuration's.
    return """
      defaults.pcm.rate_converter "linear"
      pcm.null { type null }
      pcm.hw {
        @args [ CARD DEV ]
        @args.CARD { type string }
        @args.DEV { type integer default 0 }
        type hw card $CARD device $DEV
      }
      pcm.plughw {
        @args [ CARD DEV ]
        @args.CARD { type string }
        @args.DEV { type integer default 0 }
        type plug slave.pcm { type hw card $CARD device $DEV }
      }
      pcm_type.sidetone { lib "\(library)" }
      pcm.card { \(fields) hint { show on description "sidetone virtual sound card" } }
      pcm.!default { type plug slave.pcm "card" hint { show on description "sidetone virtual sound card" } }
      ctl.!default { type null }

      """
  }

  /// The card itself: an ALSA I/O plugin, built by `cc` when a test needs it.
  ///
  /// ALSA's own `null` and `file` PCMs do not keep time, so nothing about pacing, xruns or latency can be shown on
  /// them. This one does: its pointer moves with CLOCK_MONOTONIC, and only what was *played* gets into its file.
  private static let pluginSource = URL(fileURLWithPath: #filePath).deletingPathExtension().appendingPathExtension("c")

  private static func compile(_ source: URL, to library: URL) throws {
    let compiler = Process()
    let output = Pipe()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-O1", "-Wall", "-Wextra", "-Werror", "-DPIC", "-shared", "-fPIC", "-o", library.path, source.path,
      "-lasound",
    ]
    compiler.standardError = output
    try compiler.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else {
      throw Failure(
        description: "cc could not build the virtual sound card (apt-get install gcc libasound2-dev): "
          + String(decoding: text, as: UTF8.self))
    }
  }

  private static func map(_ file: URL) throws -> UnsafeMutablePointer<Atomic<Int64>> {
    let descriptor = open(file.path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    let address = mmap(nil, pageSize, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard descriptor >= 0, let address, address != MAP_FAILED else {
      throw Failure(description: "cannot map \(file.path): \(String(cString: strerror(errno)))")
    }
    // A zeroed page holds zeroed atomics: Atomic<Int64> is a plain 64-bit word in memory, as C's _Atomic int64_t is.
    return address.bindMemory(to: Atomic<Int64>.self, capacity: Word.allCases.count)
  }
}
