import Audio

/// Turns the audio of a server's messages into mono samples at one rate, whatever it is and wherever it was cut.
///
/// The first bytes of each response tell what it is (`AudioSniffer`): raw samples, a WAV in each message, one WAV over
/// many, or an MP3 or Ogg/Opus stream. The cuts between messages never change the samples. A WAV header or a first Ogg page
/// at the start of a message begins a new stream at any time, and so does another declared format or rate.
///
/// Not thread-safe: the session's thread owns it.
public final class IncomingAudioDecoder {
  /// What became of a message.
  public struct Output: Sendable, Equatable {
    /// Mono, at `outputRate`.
    public var samples: [Int16]
    /// `pcm16`, `wav`, `mp3`, `ogg-opus`, `mulaw` or `alaw`; nil until enough bytes have come to tell.
    public var format: String?
    /// Samples a second of the source; nil until it is known.
    public var sourceRate: Int?
    /// The format or the rate is not what the output before said, or is known for the first time.
    public var changed: Bool
    /// What was wrong with the bytes, in words. Each kind is reported once a stream.
    public var problem: String?
  }

  /// Samples a second of what comes out.
  public let outputRate: Int

  private struct Declaration {
    var format: String?
    var rate: Int?
    var defaultRate = 16_000

    var parsed: AudioFormat.Declared { AudioFormat.declared(format) }
    /// The rate of samples without a header: as declared, or in the format's name, or by default. Telephony's 8 kHz
    /// is the default of µ-law and A-law.
    func rawRate(_ format: AudioFormat) -> Int {
      if let rate { return rate }
      if case .format(_, let named?) = parsed { return named }
      return format == .pcm16 ? defaultRate : 8_000
    }
  }

  /// What is decoded at a time, in bytes: bounds what the libraries hold.
  private static let sliceByteCount = 16_384

  private let output: ResampledOutput
  private var stream: (any StreamDecoder)?
  /// First bytes that do not tell yet what they are: fewer than `AudioSniffer.maximumByteCount`.
  private var undecided: [UInt8] = []
  private var declaration = Declaration()
  /// Kept between responses: some servers send one Ogg stream for the whole session.
  private var lastOgg: OggOpusStream?
  private var told: (format: AudioFormat, rate: Int)?

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
  ///   - defaultRate: of raw 16-bit samples without a declared rate.
  public func decode(_ bytes: [UInt8], declaredFormat: String?, declaredRate: Int?, defaultRate: Int) -> Output {
    var audio = DecodedAudio(to: output)
    var new = Declaration(format: declaredFormat, rate: declaredRate, defaultRate: defaultRate)
    if let rate = new.rate, !Resampler.supportedRates.contains(rate) {
      audio.report("a declared rate of \(rate) samples a second makes no sense; taken as \(defaultRate)")
      new.rate = nil
    }
    if !Resampler.supportedRates.contains(new.defaultRate) { new.defaultRate = 16_000 }
    if beginsNewStream(bytes, new) { endStream(into: &audio) }
    declaration = new
    feed(bytes, into: &audio)
    stream?.messageEnded(byteCount: bytes.count, into: &audio)
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
    undecided = []
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
    let head = undecided + rest.prefix(AudioSniffer.maximumByteCount)
    let verdict = AudioSniffer.sniff(head, declared: declaration.format)
    guard verdict != .needMoreBytes else {
      undecided = head
      rest = []
      return nil
    }
    return open(verdict, into: &audio)
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
    let waiting = undecided
    undecided = []
    if !waiting.isEmpty { _ = fresh.decode(waiting[...], into: &audio) }
    return fresh
  }

  private func decoder(for format: AudioFormat, into audio: inout DecodedAudio) -> any StreamDecoder {
    if case .format(let said, _) = declaration.parsed, said != format {
      audio.report("declared as \(said.rawValue), but the bytes are \(format.rawValue)")
    }
    switch format {
    case .pcm16, .mulaw, .alaw: return RawStream(format, rate: declaration.rawRate(format))
    case .wav: return WAVStream()
    case .mp3: return MP3Stream()
    case .oggOpus:
      let ogg = lastOgg ?? OggOpusStream(outputRate: outputRate)
      lastOgg = ogg
      return ogg
    }
  }

  private func endStream(into audio: inout DecodedAudio) {
    if !undecided.isEmpty {
      _ = open(AudioSniffer.conclude(undecided, declared: declaration.format), into: &audio)
    }
    audio.appendTail()
    forgetStream()
  }

  private func forgetStream() {
    lastOgg?.resynchronise()
    stream = nil
  }

  private func describe(_ audio: DecodedAudio) -> Output {
    var output = Output(
      samples: audio.samples, format: nil, sourceRate: nil, changed: false, problem: audio.problem)
    guard let stream, !(stream is UnplayableStream) else { return output }
    output.format = stream.format.rawValue
    output.sourceRate = stream.sourceRate
    if let rate = stream.sourceRate, told.map({ $0 != (stream.format, rate) }) ?? true {
      told = (stream.format, rate)
      output.changed = true
    }
    return output
  }
}
