import Audio

/// Samples without a header: 16-bit PCM, µ-law or A-law, mono.
final class RawStream: StreamDecoder {
  let format: AudioFormat
  let rate: Int
  var sourceRate: Int? { rate }

  private var pcm = PCM16()
  private var hasReportedOdd = false

  init(_ format: AudioFormat, rate: Int) {
    self.format = format
    self.rate = rate
  }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    switch format {
    case .mulaw: audio.append(G711.decode(bytes, .mu), rate: rate)
    case .alaw: audio.append(G711.decode(bytes, .a), rate: rate)
    default: audio.append(pcm.samples(from: bytes), rate: rate)
    }
    return .all
  }

  func messageEnded(byteCount: Int, into audio: inout DecodedAudio) {
    guard pcm.hasCarry, !hasReportedOdd else { return }
    hasReportedOdd = true
    audio.report("a message of \(byteCount) bytes ends in the middle of a 16-bit sample; the byte is kept for the next")
  }
}

/// A stream that cannot be played: says so once and drops it.
final class UnplayableStream: StreamDecoder {
  let format: AudioFormat = .pcm16
  var sourceRate: Int? { nil }
  private let name: String
  private var hasReported = false

  init(_ name: String) { self.name = name }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    if !hasReported {
      hasReported = true
      audio.report("\(name) cannot be played; pcm16, WAV, MP3, Ogg/Opus, µ-law and A-law can")
    }
    return .all
  }
}
