import CSndfile
import Glibc

/// A stretch of 16-bit sound as a whole FLAC stream in memory: without loss, and about 60 % of the bytes for speech.
public enum FLACBlock {
  /// Why a stretch could not be encoded or decoded, in the library's words.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// - Parameters:
  ///   - samples: of all channels, alternating; one at least.
  ///   - rate: samples a second of one channel.
  /// - Throws: `Failure` for none, and for rates and numbers of channels that FLAC has not.
  public static func encode(_ samples: [Int16], rate: Int, channels: Int = 1) throws(Failure) -> [UInt8] {
    guard !samples.isEmpty else { throw Failure(description: "no samples") }
    var info = SF_INFO()
    info.samplerate = Int32(clamping: rate)
    info.channels = Int32(clamping: channels)
    info.format = Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
    let memory = MemoryFile([])
    let file = try memory.open(Int32(SFM_WRITE), &info)
    let frames = samples.count / max(1, channels)
    let written = sf_writef_short(file, samples, sf_count_t(frames))
    let text = AudioFile.libraryText(file)
    // Writes the rest and completes the header.
    guard sf_close(file) == 0, Int(written) == frames else { throw Failure(description: text) }
    return memory.bytes
  }

  /// - Parameter sampleCount: of all channels; a stream that holds another number is refused, so that no stream makes more
  ///   of itself than was said.
  /// - Throws: `Failure` when the bytes are not one whole FLAC stream of 16 bits, of this length and number of channels.
  public static func decode(_ bytes: [UInt8], sampleCount: Int, channels: Int = 1) throws(Failure) -> [Int16] {
    var info = SF_INFO()
    let memory = MemoryFile(bytes)
    let file = try memory.open(Int32(SFM_READ), &info)
    defer { sf_close(file) }
    let (format, subtype) = (info.format & Int32(SF_FORMAT_TYPEMASK), info.format & Int32(SF_FORMAT_SUBMASK))
    guard format == Int32(SF_FORMAT_FLAC), subtype == Int32(SF_FORMAT_PCM_16) else {
      throw Failure(description: "no FLAC of 16 bits")
    }
    guard info.channels == Int32(clamping: channels), channels > 0, sampleCount % channels == 0,
      info.frames == sf_count_t(sampleCount / channels)
    else {
      throw Failure(
        description: "\(info.frames) samples of \(info.channels) channels instead of \(sampleCount) of \(channels)")
    }
    var samples = [Int16](repeating: 0, count: sampleCount)
    let read = sf_readf_short(file, &samples, info.frames)
    guard read == info.frames, sf_error(file) == Int32(SF_ERR_NO_ERROR) else {
      throw Failure(description: "damaged after \(max(0, read)) samples")
    }
    return samples
  }
}

/// A file in memory, as libsndfile reads and writes one. Lives as long as the open file does.
private final class MemoryFile {
  private(set) var bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func open(_ mode: Int32, _ info: inout SF_INFO) throws(FLACBlock.Failure) -> OpaquePointer {
    var calls = SF_VIRTUAL_IO(
      get_filelen: { MemoryFile.of($0)?.length ?? 0 },
      seek: { offset, whence, user in MemoryFile.of(user)?.seek(offset, whence) ?? -1 },
      read: { buffer, count, user in MemoryFile.of(user)?.read(buffer, count) ?? 0 },
      write: { buffer, count, user in MemoryFile.of(user)?.write(buffer, count) ?? 0 },
      tell: { MemoryFile.of($0).map { sf_count_t($0.position) } ?? -1 })
    // Its owner keeps it until the file is closed.
    guard let file = sf_open_virtual(&calls, mode, &info, Unmanaged.passUnretained(self).toOpaque()) else {
      throw FLACBlock.Failure(description: AudioFile.libraryText(nil))
    }
    return file
  }

  private static func of(_ user: UnsafeMutableRawPointer?) -> MemoryFile? {
    user.map { Unmanaged<MemoryFile>.fromOpaque($0).takeUnretainedValue() }
  }

  private var length: sf_count_t { sf_count_t(bytes.count) }

  private func seek(_ offset: sf_count_t, _ whence: Int32) -> sf_count_t {
    let base =
      switch whence {
      case SEEK_SET: 0
      case SEEK_CUR: position
      default: bytes.count
      }
    let (target, overflows) = base.addingReportingOverflow(Int(offset))
    guard !overflows, (0...bytes.count).contains(target) else { return -1 }
    position = target
    return sf_count_t(target)
  }

  private func read(_ buffer: UnsafeMutableRawPointer?, _ count: sf_count_t) -> sf_count_t {
    let taken = min(max(0, Int(count)), bytes.count - position)
    guard taken > 0, let buffer else { return 0 }
    bytes.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress! + position, byteCount: taken) }
    position += taken
    return sf_count_t(taken)
  }

  private func write(_ buffer: UnsafeRawPointer?, _ count: sf_count_t) -> sf_count_t {
    guard count > 0, let buffer else { return 0 }
    let new = UnsafeRawBufferPointer(start: buffer, count: Int(count))
    let replaced = min(new.count, bytes.count - position)
    bytes.replaceSubrange(position..<position + replaced, with: new)
    position += new.count
    return count
  }
}
