import Audio

/// Turns the audio of a server's messages into mono samples at one rate, whatever it is and wherever it was cut.
///
/// The first bytes of each response tell what it is: a WAV in each message, one WAV over many, an MP3 or Ogg/Opus stream
/// by their signatures (`AudioSniffer`), raw samples by what was declared, checked against what they look like
/// (`SampleSniffer`): bytes that would be heard as noise are decoded as what they are, or refused. The cuts between
/// messages never change the samples. A WAV header or a first Ogg page at the start of a message begins a new stream at
/// any time, and so does another declared format or rate.
///
/// Not thread-safe: the session's thread owns it.
public final class IncomingAudioDecoder {
  /// What became of a message.
  public struct Output: Sendable, Equatable {
    /// Mono, at `outputRate`.
    public var samples: [Int16]
    /// The raw value of an `AudioFormat`; nil until enough bytes have come to tell.
    public var format: String?
    /// Samples a second of the source; nil until it is known.
    public var sourceRate: Int?
    /// The format or the rate is not what the output before said, or is known for the first time.
    public var changed: Bool
    /// What was wrong with the bytes, in words. Each kind is reported once a stream.
    public var problem: String?
    /// What comes cannot be played: `aac`, `mp4`, or, by its looks, `noise` or `text`.
    public var unplayable: String?
  }

  /// Samples a second of what comes out.
  public let outputRate: Int

  private struct Declaration {
    var format: String?
    var rate: Int?
    var defaultRate = 16_000
    /// Of `format`.
    var parsed = AudioFormat.Declared.unknown
    var channels = 1

    init(format: String? = nil, rate: Int? = nil, defaultRate: Int = 16_000) {
      (self.format, self.rate, self.defaultRate) = (format, rate, defaultRate)
      guard let format else { return }
      (parsed, channels) = (AudioFormat.declared(format), AudioFormat.channels(declared: format))
    }

    /// The rate of samples without a header: as declared, or in the format's name, or by default. Telephony's 8 kHz
    /// is the default of µ-law and A-law.
    func rawRate(_ format: AudioFormat) -> Int {
      if let rate { return rate }
      if case .format(_, let named?) = parsed { return named }
      return format == .mulaw || format == .alaw ? G711.rate : defaultRate
    }
  }

  /// What is decoded at a time, in bytes: bounds what the libraries hold.
  private static let sliceByteCount = 16_384

  private let output: ResampledOutput
  private var stream: (any StreamDecoder)?
  /// First bytes that do not tell yet what they are: fewer than `SampleSniffer.enough` and the longest MP3 frame.
  private var undecided: [UInt8] = []
  /// The lengths of the messages that they came in.
  private var undecidedCounts: [Int] = []
  /// Samples that are played as what they were taken for, because nothing in them has told otherwise yet.
  private var isOpen = false
  /// What the next stream is, where it was found out by looking at the one before it.
  private var found: AudioSniffer.Verdict?
  private var declaration = Declaration()
  /// Kept between responses: some servers send one Ogg stream for the whole session.
  private var lastOgg: OggOpusStream?
  /// The compressed format that came last: headerless bytes on such a connection are more likely a rest of it, as after an
  /// interrupt, than samples.
  private var lastCompressed: AudioFormat?
  private var announced: (format: AudioFormat, rate: Int)?
  private var reportedNames: Set<String> = []

  /// - Parameter outputRate: samples a second.
  public init(outputRate: Int) {
    output = ResampledOutput(
      rate: min(max(outputRate, Resampler.supportedRates.lowerBound), Resampler.supportedRates.upperBound))
    self.outputRate = output.rate
  }

  /// Decodes the audio of one message.
  /// - Parameters:
  ///   - declaredFormat: what the message or the session's agreement says, in any vendor's words.
  ///   - declaredRate: samples a second, likewise. Containers know better.
  ///   - defaultRate: of raw samples without a declared rate.
  public func decode(_ bytes: [UInt8], declaredFormat: String?, declaredRate: Int?, defaultRate: Int) -> Output {
    var audio = DecodedAudio(to: output)
    var new = declaration
    if declaredFormat != new.format { new = Declaration(format: declaredFormat) }
    (new.rate, new.defaultRate) = (declaredRate, defaultRate)
    if let rate = new.rate, !Resampler.supportedRates.contains(rate) {
      audio.report("a declared rate of \(rate) samples a second makes no sense; taken as \(defaultRate)")
      new.rate = nil
    }
    if !Resampler.supportedRates.contains(new.defaultRate) { new.defaultRate = 16_000 }
    if beginsNewStream(bytes, new) { endStream(into: &audio) }
    declaration = new
    reportUnknownName(into: &audio)
    if let bytes = settled(bytes, into: &audio) {
      let before = undecided.count
      feed(bytes, into: &audio)
      if stream == nil, undecided.count > before { undecidedCounts.append(undecided.count - before) }
      stream?.messageEnded(byteCount: bytes.count, into: &audio)
    }
    return describe(audio)
  }

  /// The response has ended: returns what was still held back, resampled. The next bytes are a new stream.
  public func endOfResponse() -> [Int16] {
    var audio = DecodedAudio(to: output)
    endStream(into: &audio)
    return audio.samples
  }

  /// Forgets what is half decoded, as at an interrupt. The next bytes are a new stream.
  public func reset() {
    (undecided, undecidedCounts) = ([], [])
    forgetStream()
    _ = output.flush()
  }

  private func beginsNewStream(_ bytes: [UInt8], _ new: Declaration) -> Bool {
    guard let stream else { return false }
    if AudioSniffer.beginsContainer(bytes) {
      // An Ogg stream takes a new first page itself.
      return !(stream is OggOpusStream) || WAV.isWAV(bytes)
    }
    if new.format != declaration.format, case .format(let format, _) = new.parsed, format != stream.format,
      new.parsed != declaration.parsed
    {
      return true
    }
    guard let raw = stream as? RawStream else { return false }
    return new.rawRate(raw.format) != raw.rate
  }

  /// A name that means nothing here may be heard as anything: it is told before it is heard.
  private func reportUnknownName(into audio: inout DecodedAudio) {
    guard let name = declaration.format, declaration.parsed == .unknown, reportedNames.count < 16,
      reportedNames.insert(name).inserted
    else { return }
    audio.report(
      "\"\(name.prefix(40))\" is no audio format that is known here; the bytes are taken for what they look like")
  }

  // MARK: Samples that are looked at while they are played

  /// The bytes to decode now. Nil while they have to wait for more, because they are loud, and rough as no sound is.
  private func settled(_ bytes: [UInt8], into audio: inout DecodedAudio) -> [UInt8]? {
    if stream is UnplayableStream { return reconsidered(bytes, into: &audio) }
    guard isOpen, let raw = stream as? RawStream else { return bytes }
    // Judged from where a sample of any width begins.
    let skipped = (24 - raw.byteCount % 24) % 24
    let all = undecided + bytes
    let verdict = SampleSniffer.judge(all.dropFirst(skipped), as: raw.format)
    switch verdict {
    case .needMoreBytes:
      undecided = all
      return nil
    case .open: break
    case .certain(raw.format): isOpen = false
    case .certain, .noise, .text:
      undecided = []
      endStream(into: &audio)
      found = resolved(verdict, as: raw.format, messages: [all.dropFirst(skipped)], all.dropFirst(skipped))
      return Array(all.dropFirst(skipped))
    }
    undecided = []
    return all
  }

  /// What was refused as noise may have been noise before the first word.
  private func reconsidered(_ bytes: [UInt8], into audio: inout DecodedAudio) -> [UInt8] {
    guard let refused = stream as? UnplayableStream, refused.name == UnplayableStream.noise,
      case .certain(let format) = SampleSniffer.judge(bytes[...])
    else { return bytes }
    endStream(into: &audio)
    found = .format(format)
    return bytes
  }

  // MARK: Streams

  private func feed(_ bytes: [UInt8], into audio: inout DecodedAudio) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard !audio.isFull else {
        audio.report("a message with more than \(DecodedAudio.maximumDuration) of audio; the rest was dropped")
        return
      }
      guard let stream = stream ?? begin(with: &rest, into: &audio) else { return }
      let slice = rest.prefix(IncomingAudioDecoder.sliceByteCount)
      switch stream.decode(slice, into: &audio) {
      case .all: rest = rest.dropFirst(slice.count)
      case .ended(let held, let consumed):
        endStream(into: &audio)
        undecided = held
        rest = rest.dropFirst(consumed)
        // The held bytes alone may be all there is.
        if rest.isEmpty { _ = begin(with: &rest, into: &audio) }
      }
    }
  }

  /// Finds out what comes, and gives it what had to wait for that.
  private func begin(with rest: inout ArraySlice<UInt8>, into audio: inout DecodedAudio) -> (any StreamDecoder)? {
    if undecided.isEmpty, AudioSniffer.beginsWithMark(rest.prefix(3)) {
      let marked = AudioSniffer.sniff(Array(rest.dropFirst(3).prefix(AudioSniffer.maximumByteCount)), declared: nil)
      if marked != .format(.pcm16), marked != .needMoreBytes { rest = rest.dropFirst(3) }
    }
    let verdict = verdict(on: rest, isWhole: false)
    guard verdict != .needMoreBytes else {
      undecided += rest
      rest = []
      return nil
    }
    return open(verdict, into: &audio)
  }

  private func verdict(on rest: ArraySlice<UInt8>, isWhole: Bool) -> AudioSniffer.Verdict {
    if let found {
      self.found = nil
      return found
    }
    let head = undecided + rest.prefix(max(AudioSniffer.maximumByteCount, SampleSniffer.enough))
    let signed =
      isWhole
      ? AudioSniffer.conclude(head, declared: declaration.format)
      : AudioSniffer.sniff(head, declared: declaration.format)
    guard case .format(let format) = signed else { return signed }
    isOpen = false
    switch format {
    case .wav, .mp3, .oggOpus, .webm: return signed
    case .opus:
      // Well-formed by accident, samples are heard as noise.
      if case .certain(let samples) = SampleSniffer.judge(head[...]) { return .format(samples) }
      return signed
    default: break
    }
    // Channels side by side are as rough as noise.
    guard declaration.channels == 1 else { return signed }
    var messages: [ArraySlice<UInt8>] = []
    var start = 0
    for count in undecidedCounts {
      messages.append(undecided[start..<min(start + count, undecided.count)])
      start = min(start + count, undecided.count)
    }
    if !rest.isEmpty { messages.append(rest) }
    let verdict = SampleSniffer.judge(head[...], as: format, isWhole: isWhole)
    if let lastCompressed, let found = remainder(of: lastCompressed, verdict, as: format, head, isWhole: isWhole) {
      return found
    }
    return resolved(verdict, as: format, messages: messages, head[...])
  }

  /// What headerless bytes are on a connection whose audio was compressed: a rest of that, unless they are positively sound,
  /// or declared as samples and nothing speaks against it. Nil for samples.
  private func remainder(
    of compressed: AudioFormat, _ verdict: SampleSniffer.Verdict, as format: AudioFormat, _ head: [UInt8], isWhole: Bool
  ) -> AudioSniffer.Verdict? {
    if compressed == .mp3, AudioSniffer.holdsMP3Frames(head) { return .format(.mp3) }
    switch verdict {
    case .certain(format) where head.count >= 512: return nil
    case .open, .needMoreBytes: if declaration.parsed != .unknown { return nil }
    case .certain, .noise, .text: return .format(compressed)
    }
    return head.count >= SampleSniffer.enough || isWhole ? .format(compressed) : .needMoreBytes
  }

  /// What the sniffed samples mean for the stream that they begin.
  private func resolved(
    _ verdict: SampleSniffer.Verdict, as format: AudioFormat, messages: [ArraySlice<UInt8>], _ head: ArraySlice<UInt8>
  ) -> AudioSniffer.Verdict {
    switch verdict {
    case .certain(let sure): return .format(sure)
    case .open:
      isOpen = true
      return .format(format)
    case .text: return .unsupported(UnplayableStream.text)
    case .needMoreBytes, .noise:
      if OpusPacket.isStream(messages) { return .format(.opus) }
      if verdict == .needMoreBytes { return .needMoreBytes }
      if AudioSniffer.holdsMP3Frames(Array(head)) { return .format(.mp3) }
      return lastCompressed.map { .format($0) } ?? .unsupported(UnplayableStream.noise)
    }
  }

  private func open(_ verdict: AudioSniffer.Verdict, into audio: inout DecodedAudio) -> (any StreamDecoder)? {
    let fresh: any StreamDecoder
    switch verdict {
    case .needMoreBytes: return nil
    case .unsupported(let name): fresh = UnplayableStream(name)
    case .format(let format): fresh = decoder(for: format, into: &audio)
    }
    stream = fresh
    // Too few to hold more than the beginning of a stream, so it cannot end within them.
    var waiting = undecided[...]
    for count in undecidedCounts + [undecided.count] where !waiting.isEmpty {
      _ = fresh.decode(waiting.prefix(count), into: &audio)
      waiting = waiting.dropFirst(count)
      if fresh is OpusPacketStream { fresh.messageEnded(byteCount: count, into: &audio) }
    }
    (undecided, undecidedCounts) = ([], [])
    return fresh
  }

  private func decoder(for format: AudioFormat, into audio: inout DecodedAudio) -> any StreamDecoder {
    reportContradiction(format, into: &audio)
    lastCompressed = format.isCompressed ? format : format == .wav ? nil : lastCompressed
    switch format {
    case .wav: return WAVStream()
    case .mp3: return MP3Stream()
    case .opus: return OpusPacketStream(outputRate: outputRate)
    case .webm: return WebMOpusStream(outputRate: outputRate)
    case .oggOpus:
      let ogg = lastOgg ?? OggOpusStream(outputRate: outputRate)
      lastOgg = ogg
      return ogg
    default: return RawStream(format, rate: declaration.rawRate(format), channels: declaration.channels)
    }
  }

  /// What is played is not what was declared, or, where nothing was, not what would have been expected.
  private func reportContradiction(_ format: AudioFormat, into audio: inout DecodedAudio) {
    switch declaration.parsed {
    case .format(let said, _) where said != format:
      if said == .oggOpus, format == .opus { return }
      if said == .pcm16, format == .pcm16BE, AudioFormat.hasOpenByteOrder(declared: declaration.format) { return }
      let looks = format.samples != nil || format == .opus
      audio.report(
        "declared as \(said.rawValue), but the bytes \(looks ? "look like" : "are") \(format.rawValue)"
          + (looks ? "; they are played as that" : ""))
    case .unknown where format != .pcm16 && (format.samples != nil || format == .opus):
      audio.report(
        "nothing that is known was declared, and the bytes look like \(format.rawValue); they are played as that")
    default: break
    }
  }

  private func endStream(into audio: inout DecodedAudio) {
    if !undecided.isEmpty {
      if let stream {
        // Samples that waited to be judged are heard at last, if they are not noise.
        let (samples, verdict) = (undecided, SampleSniffer.judge(undecided[...], as: stream.format, isWhole: true))
        (undecided, undecidedCounts) = ([], [])
        if verdict == .open || verdict == .certain(stream.format) { _ = stream.decode(samples[...], into: &audio) }
      } else {
        _ = open(verdict(on: [], isWhole: true), into: &audio)
      }
    }
    audio.appendTail()
    forgetStream()
  }

  private func forgetStream() {
    lastOgg?.resynchronise()
    (stream, isOpen, found) = (nil, false, nil)
  }

  private func describe(_ audio: DecodedAudio) -> Output {
    var output = Output(
      samples: audio.samples, format: nil, sourceRate: nil, changed: false, problem: audio.problem)
    guard let stream else { return output }
    if let refused = stream as? UnplayableStream {
      output.unplayable = refused.name
      return output
    }
    output.format = stream.format.rawValue
    output.sourceRate = stream.sourceRate
    if let rate = stream.sourceRate, announced.map({ $0 != (stream.format, rate) }) ?? true {
      announced = (stream.format, rate)
      output.changed = true
    }
    return output
  }
}
