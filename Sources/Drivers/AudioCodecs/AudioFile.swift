import Audio
import CSndfile
import Glibc

/// Audio files, read whole: WAV, FLAC, AIFF, Ogg/Opus, Ogg/Vorbis, MP3 and what else libsndfile knows.
public enum AudioFile {
  /// Files that last longer are refused.
  public static let maximumDuration: Duration = .seconds(30 * 60)

  /// Why a file could not be read or written.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public var path: String
    /// What is wrong.
    public var problem: String
    /// What would help.
    public var remedy: String
    public var description: String { "\(path): \(problem). \(remedy)" }
  }

  /// Reads a file.
  /// - Parameter wanted: samples a second of what is returned.
  /// - Returns: mono, the mean of the channels.
  /// - Throws: `Failure`.
  public static func read(path: String, rate wanted: Int) throws -> [Int16] {
    try checkReadable(path)
    if let (mono, rate) = try unfinishedWAV(path) { return try resampled(mono, from: rate, to: wanted, path) }
    var info = SF_INFO()
    guard let file = sf_open(path, Int32(SFM_READ), &info) else {
      throw Failure(
        path: path, problem: "not a sound file that can be read (\(libraryText(nil)))",
        remedy: "WAV, FLAC, AIFF, Ogg and MP3 work; `sox FILE out.wav` converts many others")
    }
    defer { sf_close(file) }
    let sourceRate = Int(info.samplerate)
    guard Resampler.supportedRates.contains(sourceRate), (1...64).contains(info.channels) else {
      throw Failure(
        path: path, problem: "\(sourceRate) samples a second in \(info.channels) channels",
        remedy: "Convert it: `sox FILE -r 16000 -c 1 out.wav`")
    }
    let mono = try readMono(file, path: path, channels: Int(info.channels), rate: sourceRate)
    return try resampled(mono, from: sourceRate, to: wanted, path)
  }

  private static func resampled(_ mono: [Int16], from rate: Int, to wanted: Int, _ path: String) throws -> [Int16] {
    guard !mono.isEmpty else {
      throw Failure(path: path, problem: "it holds no samples", remedy: "Record it again, or take another file")
    }
    let resampler = Resampler(from: rate, to: wanted)
    let samples = resampler.process(mono)
    return samples + resampler.flush()
  }

  /// A WAV whose header does not fit what follows it: written to a pipe (sizes 0, 0xFFFFFFFF), or cut off. libsndfile reads
  /// none of the first, and not all of the others; ours reads what is there.
  /// - Returns: nil for what libsndfile reads as well.
  private static func unfinishedWAV(_ path: String) throws -> (mono: [Int16], rate: Int)? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var head = [UInt8](repeating: 0, count: WAV.maximumHeaderByteCount + 64)
    head.removeLast(head.count - max(0, Glibc.read(file, &head, head.count)))
    guard case .header(let header) = WAV.parse(head) else { return nil }
    let end = Int(lseek(file, 0, SEEK_END))
    let rest = end - header.dataOffset
    guard rest >= 0, header.dataByteCount.map({ $0 > rest || $0 % header.frameByteCount != 0 }) ?? true else {
      return nil
    }
    let byteCount = min(header.dataByteCount ?? rest, rest)
    guard byteCount / header.frameByteCount <= Int(maximumDuration.components.seconds) * header.rate else { return nil }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    var filled = 0
    while filled < byteCount {
      let count = bytes.withUnsafeMutableBytes {
        pread(file, $0.baseAddress! + filled, byteCount - filled, off_t(header.dataOffset + filled))
      }
      guard count > 0 else { break }
      filled += count
    }
    return (WAV.monoSamples(of: bytes[..<filled], header: header), header.rate)
  }

  private static func readMono(_ file: OpaquePointer, path: String, channels: Int, rate: Int) throws -> [Int16] {
    let limit = Int(maximumDuration.components.seconds) * rate
    var mono: [Int16] = []
    var block = [Float](repeating: 0, count: 4_096 * channels)
    while true {
      // Floats: libsndfile scales every format to ±1, exactly so for 16 bits.
      let count = Int(sf_readf_float(file, &block, 4_096))
      guard count > 0 else { break }
      for frame in 0..<count {
        var sum: Float = 0
        for channel in 0..<channels { sum += block[frame * channels + channel] }
        let value = (sum / Float(channels) * 32_768).rounded()
        mono.append(value.isNaN ? 0 : Int16(min(max(value, -32_768), 32_767)))
      }
      guard mono.count <= limit else {
        throw Failure(
          path: path, problem: "it lasts longer than \(maximumDuration.components.seconds / 60) minutes",
          remedy: "Cut it: `sox FILE out.wav trim 0 600`")
      }
    }
    if sf_error(file) != Int32(SF_ERR_NO_ERROR) {
      throw Failure(
        path: path, problem: "damaged after \(mono.count) samples (\(libraryText(file)))",
        remedy: "Convert or record it again")
    }
    return mono
  }

  private static func checkReadable(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = String(cString: strerror(errno))
      throw Failure(path: path, problem: reason, remedy: "Check the path")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw Failure(path: path, problem: "it is a directory", remedy: "Name a sound file in it")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(path: path, problem: "it is not a regular file", remedy: "Use the input `stdin` for a pipe")
    }
    guard access(path, R_OK) == 0 else {
      throw Failure(path: path, problem: String(cString: strerror(errno)), remedy: "Make it readable: chmod +r")
    }
    if status.st_size == 0 {
      throw Failure(path: path, problem: "the file is empty", remedy: "Record it again, or take another file")
    }
  }

  static func libraryText(_ file: OpaquePointer?) -> String {
    var text = String(cString: sf_strerror(file))
    while text.last == "." || text.last == "\n" { text.removeLast() }
    return text
  }
}
