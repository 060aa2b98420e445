import Audio
import CMpg123

/// An MP3 stream, cut anywhere: libmpg123's feed interface.
///
/// libmpg123 mixes stereo to mono itself. Gapless decoding is on, its default: where the stream's first frame carries a
/// LAME tag, the encoder's delay and padding are cut off; a stream without one begins with some 25 ms of encoder delay.
final class MP3Stream: StreamDecoder {
  let format: AudioFormat = .mp3
  private(set) var sourceRate: Int?

  private let handle: OpaquePointer?
  /// Without a frame in so many bytes the stream is no MP3, and libmpg123 holds what it was given.
  private static let patienceByteCount = 65_536

  private var tag = ID3Skipper()
  private var byteCountWithoutAudio = 0
  private var hasReported = false
  private var buffer = [Int16](repeating: 0, count: 4_608)

  init() {
    handle = mpg123_new(nil, nil)
    guard let handle else { return }
    mpg123_param2(handle, Int32(MPG123_ADD_FLAGS.rawValue), Int(MPG123_QUIET.rawValue | MPG123_MONO_MIX.rawValue), 0)
    mpg123_format_none(handle)
    for rate in [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
      mpg123_format(handle, rate, Int32(MPG123_MONO.rawValue), Int32(MPG123_ENC_SIGNED_16.rawValue))
    }
    mpg123_open_feed(handle)
  }

  deinit { mpg123_delete(handle) }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    guard let handle else {
      report("libmpg123 has no memory for a decoder", into: &audio)
      return .all
    }
    let frames = tag.skip(bytes)
    guard !frames.isEmpty else { return .all }
    let fed = frames.withUnsafeBufferPointer { mpg123_feed(handle, $0.baseAddress, $0.count) }
    byteCountWithoutAudio += frames.count
    if fed != MPG123_OK.rawValue { recover(handle, String(cString: mpg123_strerror(handle)), into: &audio) }
    while true {
      var byteCount = 0
      let outcome = buffer.withUnsafeMutableBytes { mpg123_read(handle, $0.baseAddress, $0.count, &byteCount) }
      if byteCount > 0, let sourceRate {
        audio.append(Array(buffer.prefix(byteCount / 2)), rate: sourceRate)
        byteCountWithoutAudio = 0
      }
      switch outcome {
      case MPG123_OK.rawValue: if byteCount == 0 { return .all }
      case MPG123_NEW_FORMAT.rawValue:
        var (rate, channels, encoding) = (0, Int32(0), Int32(0))
        mpg123_getformat(handle, &rate, &channels, &encoding)
        sourceRate = rate
      case MPG123_NEED_MORE.rawValue:
        if byteCountWithoutAudio > MP3Stream.patienceByteCount {
          recover(handle, "\(byteCountWithoutAudio) bytes without a frame", into: &audio)
        }
        return .all
      default:
        recover(handle, String(cString: mpg123_strerror(handle)), into: &audio)
        return .all
      }
    }
  }

  /// Starts over at the next bytes, which also empties what libmpg123 holds.
  private func recover(_ handle: OpaquePointer, _ reason: String, into audio: inout DecodedAudio) {
    report("MP3 stream: \(reason); looking for the next frame", into: &audio)
    byteCountWithoutAudio = 0
    mpg123_close(handle)
    mpg123_open_feed(handle)
  }

  private func report(_ text: String, into audio: inout DecodedAudio) {
    guard !hasReported else { return }
    hasReported = true
    audio.report(text)
  }
}

/// Leaves out the ID3v2 tags at a stream's beginning. libmpg123 would hold them in memory, and they may claim 256 MB.
struct ID3Skipper {
  private var head: [UInt8] = []
  private var left = 0
  private var isDone = false

  /// The bytes that belong to no tag.
  mutating func skip(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    while !isDone {
      let skipped = min(left, rest.count)
      left -= skipped
      rest = rest.dropFirst(skipped)
      guard left == 0, !rest.isEmpty else { return [] }
      let needed = rest.prefix(10 - head.count)
      head += needed
      rest = rest.dropFirst(needed.count)
      guard zip(head, "ID3".utf8).allSatisfy({ $0 == $1 }) else {
        isDone = true
        return (head + rest)[...]
      }
      guard head.count == 10 else { return [] }
      // Four bytes of seven bits; a footer of ten bytes when its flag is set.
      left = head[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) } + (head[5] & 0x10 != 0 ? 10 : 0)
      head = []
    }
    return rest
  }
}
