import Audio

/// Samples without a header, of any width and order, the mean of their channels.
final class RawStream: StreamDecoder {
  let format: AudioFormat
  let rate: Int
  var sourceRate: Int? { rate }
  /// Bytes taken so far.
  private(set) var byteCount = 0

  private let channels: Int
  private var pcm = PCM16()
  /// An unfinished frame.
  private var held: [UInt8] = []
  private var hasReportedOdd = false

  init(_ format: AudioFormat, rate: Int, channels: Int = 1) {
    self.format = format
    self.rate = rate
    self.channels = channels
  }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    byteCount += bytes.count
    switch format {
    case .pcm16 where channels == 1: audio.append(pcm.samples(from: bytes), rate: rate)
    case .mulaw where channels == 1: audio.append(G711.decode(bytes, .mu), rate: rate)
    case .alaw where channels == 1: audio.append(G711.decode(bytes, .a), rate: rate)
    default:
      let frame = (format.sampleByteCount ?? 1) * channels
      let all = held.isEmpty ? bytes : (held + bytes)[...]
      audio.append(format.monoSamples(of: all.dropLast(all.count % frame), channels: channels), rate: rate)
      held = Array(all.suffix(all.count % frame))
    }
    return .all
  }

  func messageEnded(byteCount: Int, into audio: inout DecodedAudio) {
    guard pcm.hasCarry || !held.isEmpty, !hasReportedOdd else { return }
    hasReportedOdd = true
    let what = format == .pcm16 && channels == 1 ? "16-bit sample; the byte is kept" : "sample; its bytes are kept"
    audio.report("a message of \(byteCount) bytes ends in the middle of a \(what) for the next")
  }
}

/// A stream that cannot be played: says so once and drops it.
final class UnplayableStream: StreamDecoder {
  let format: AudioFormat = .pcm16
  var sourceRate: Int? { nil }
  /// What it is, for who looks for it: `aac`, `mp4`, `noise`.
  let name: String
  private var hasReported = false

  /// What looks like noise.
  static let noise = "noise"
  /// The characters of a text.
  static let text = "text"

  init(_ name: String) { self.name = name }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    if !hasReported {
      hasReported = true
      audio.report(sentence)
    }
    return .all
  }

  private static let playable = "pcm16, WAV, MP3, Opus in Ogg or WebM, µ-law and A-law can"

  private var sentence: String {
    switch name {
    case Self.noise:
      "bytes that look like noise cannot be played: they are no 16-bit samples, nor anything else that is known here "
        + "(compressed or encrypted audio?); declare the format of what is sent"
    case Self.text: "text in the place of audio cannot be played; the bytes are characters, not samples"
    case "mp4":
      "\(name) cannot be played; \(Self.playable): where MediaRecorder made it, send samples from an AudioWorklet instead"
    default: "\(name) cannot be played; \(Self.playable): ask synthesis for one of these"
    }
  }
}
