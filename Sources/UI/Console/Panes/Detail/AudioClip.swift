import Audio
import Timeline
import Wire

/// The audio of a row's messages, decoded as far as this can be done without a codec's library: to be seen, and to be
/// played by the session.
struct AudioClip: Sendable, Equatable {
  /// Mono samples of all the messages taken, and where those of the opened one lie.
  private(set) var samples: [Int16] = []
  private(set) var opened: Range<Int> = 0..<0
  private(set) var rate: Int
  /// `pcm16`, `wav`, `mulaw`, …, or what is declared and cannot be shown.
  private(set) var format: String
  /// Why there is no picture.
  private(set) var problem: String?
  /// What is to be played: from the opened message to the last one taken.
  private(set) var payloads: [AudioPayload] = []

  /// Messages that are taken at most, so that a row of an hour opens as fast as one of a second: half a minute of the
  /// usual 20 ms, the opened one among the first.
  static let memberLimit = 1_500
  private static let membersBefore = 250

  /// Nil when the opened message holds no audio.
  /// - Parameters:
  ///   - members: the row's kept payloads.
  ///   - rate: of PCM that does not say its own.
  init?(_ members: [LogPayload], opened index: Int, reader: DialectReader, rate: Int) {
    guard index < members.count, let own = Self.audio(members[index], reader) else { return nil }
    let first = max(0, index - Self.membersBefore)
    let pieces = members[first...].prefix(Self.memberLimit).map { Self.audio($0, reader) }
    self.rate = own.rate ?? rate
    format = own.format ?? "pcm16"
    payloads = pieces.dropFirst(index - first).compactMap(\.self)
    var decoder = PlainAudioDecoder(declared: own.format)
    for (i, piece) in pieces.enumerated() {
      let start = samples.count
      if let piece { samples += decoder.samples(of: piece.bytes) }
      if i == index - first { opened = start..<samples.count }
    }
    if let name = decoder.formatName { format = name }
    if let found = decoder.rate { self.rate = found }
    problem = decoder.problem
  }

  private static func audio(_ payload: LogPayload, _ reader: DialectReader) -> AudioPayload? {
    // A payload that was cut is no longer JSON, or ends in the middle of a sample at most.
    let frame: WireMessage = payload.isText ? .text(payload.bytes) : .binary(payload.bytes)
    let reading = reader.read(frame, from: payload.way == .toServer ? .client : .server)
    for case .audio(let audio) in reading.events { return audio }
    return nil
  }

  /// The extremes of `columns` stretches of equal length: one column of a waveform each.
  func peaks(_ columns: Int) -> [Peak] {
    guard columns > 0, !samples.isEmpty else { return [] }
    return (0..<columns).map { column in
      let start = samples.count * column / columns
      let end = max(start + 1, samples.count * (column + 1) / columns)
      var peak = Peak(low: .max, high: .min)
      for sample in samples[min(start, samples.count - 1)..<min(end, samples.count)] {
        peak.low = min(peak.low, sample)
        peak.high = max(peak.high, sample)
      }
      return peak
    }
  }

  var duration: Duration { .samples(samples.count, rate: rate) }
  var openedDuration: Duration { .samples(opened.count, rate: rate) }
}

/// Decodes what needs no codec: raw samples of all kinds and WAV, as one stream or a file in each message.
struct PlainAudioDecoder: Sendable {
  private let declared: String?
  private var kind: Kind?
  private var pcm = PCM16()
  private var carry: [UInt8] = []
  private var channels: Int { AudioFormat.channels(declared: declared) }
  private(set) var problem: String?
  private(set) var formatName: String?
  private(set) var rate: Int?
  private enum Kind: Sendable {
    case pcm
    case raw(AudioFormat, channels: Int)
    case wav(WAV.Header)
  }

  init(declared: String?) { self.declared = declared }

  mutating func samples(of bytes: [UInt8]) -> [Int16] {
    if kind == nil || WAV.isWAV(bytes) { begin(bytes) }
    switch kind {
    case .pcm: return pcm.samples(from: bytes)
    case .raw(let format, let channels):
      let all = carry + bytes
      let frame = (format.sampleByteCount ?? 1) * channels
      carry = Array(all.suffix(all.count % frame))
      return format.monoSamples(of: all.dropLast(all.count % frame), channels: channels)
    case .wav(let header):
      let start = WAV.isWAV(bytes) ? min(header.dataOffset, bytes.count) : 0
      return WAV.monoSamples(of: bytes[start...], header: header)
    case nil: return []
    }
  }

  private mutating func begin(_ bytes: [UInt8]) {
    guard problem == nil else { return }
    switch AudioSniffer.conclude(bytes, declared: declared) {
    case .format(let format):
      formatName = format.rawValue
      switch format {
      case .pcm16 where channels == 1:
        // As the playout does: what was declared, or nothing, is checked against what the samples look like.
        kind = .pcm
        if case .certain(let looks) = SampleSniffer.judge(bytes[...], isWhole: true), looks != .pcm16 {
          (kind, formatName) = (.raw(looks, channels: 1), looks.rawValue)
        }
      case .wav:
        switch WAV.parse(bytes) {
        case .header(let header): (kind, rate) = (.wav(header), header.rate)
        case .needMoreBytes: problem = "the WAV header is not whole"
        case .invalid(let reason): problem = reason
        }
      case .mp3, .oggOpus, .opus, .webm: problem = "\(format.rawValue) is decoded by the playout only"
      default: kind = .raw(format, channels: channels)
      }
    case .unsupported(let name): problem = "\(name) cannot be played here"
    case .needMoreBytes: problem = "too few bytes to tell what it is"
    }
  }
}
