import Audio
import CSndfile
import Glibc

/// An MP3 stream by libsndfile (1.1 and later, which has LAME): constant bit rate, without a tag in front.
///
/// LAME puts a frame in front that it fills in when the length is known, by going back to it. Nobody can go back in what
/// was sent, so that frame, which is empty until then, is left out.
final class MP3Encoder: AudioEncoder {
  /// What libsndfile writes to, as if it were a file.
  private final class Sink {
    var fresh: [UInt8] = []
    private var position = 0
    private var length = 0

    func write(_ bytes: UnsafeRawBufferPointer) {
      // What goes back is the frame that was left out.
      if position == length {
        let isEmptyFrame = length == 0 && bytes.count > 4 && bytes.dropFirst(4).allSatisfy { $0 == 0 }
        if !isEmptyFrame { fresh += bytes }
      }
      position += bytes.count
      length = max(length, position)
    }

    func seek(_ offset: Int, _ whence: Int32) -> Int {
      switch whence {
      case SEEK_SET: position = offset
      case SEEK_END: position = length + offset
      default: position += offset
      }
      position = min(max(position, 0), length)
      return position
    }

    var byteCount: Int { length }
    var place: Int { position }

    /// What is there to be sent: a message, or none.
    func take() -> [[UInt8]] {
      defer { fresh = [] }
      return fresh.isEmpty ? [] : [fresh]
    }

    static func at(_ pointer: UnsafeMutableRawPointer?) -> Sink {
      Unmanaged<Sink>.fromOpaque(pointer!).takeUnretainedValue()
    }
  }

  private let sink = Sink()
  private var file: OpaquePointer?

  /// Nil where libsndfile has no MP3 encoder, or none for this rate.
  init?(rate: Int) {
    var info = SF_INFO()
    info.samplerate = Int32(clamping: rate)
    info.channels = 1
    info.format = Int32(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
    var io = SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(Sink.at($0).byteCount) },
      seek: { offset, whence, sink in sf_count_t(Sink.at(sink).seek(Int(offset), whence)) },
      read: { _, _, _ in 0 },
      write: { bytes, count, sink in
        Sink.at(sink).write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        return count
      },
      tell: { sf_count_t(Sink.at($0).place) })
    file = sf_open_virtual(&io, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(sink).toOpaque())
    guard let file else { return nil }
    // 80 kbit/s at 16 kHz: speech that cannot be told from what was encoded.
    var mode = Int32(SF_BITRATE_MODE_CONSTANT)
    sf_command(file, Int32(SFC_SET_BITRATE_MODE), &mode, Int32(MemoryLayout.size(ofValue: mode)))
    var compression = 0.5
    sf_command(file, Int32(SFC_SET_COMPRESSION_LEVEL), &compression, Int32(MemoryLayout.size(ofValue: compression)))
  }

  deinit { if let file { sf_close(file) } }

  func encode(_ bytes: [UInt8]) -> [[UInt8]] {
    let samples = PCM16.samples(of: bytes)
    guard let file, !samples.isEmpty else { return [] }
    sf_writef_short(file, samples, sf_count_t(samples.count))
    return sink.take()
  }

  func finish() -> [[UInt8]] {
    if let file { sf_close(file) }
    file = nil
    return sink.take()
  }
}
