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
  /// - Parameter rate: samples a second of what is returned.
  /// - Returns: mono, the mean of the channels.
  /// - Throws: `Failure`.
  public static func read(path: String, rate: Int) throws -> [Int16] {
    try checkReadable(path)
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
    guard !mono.isEmpty else {
      throw Failure(path: path, problem: "it holds no samples", remedy: "Record it again, or take another file")
    }
    let resampler = Resampler(from: sourceRate, to: rate)
    let samples = resampler.process(mono)
    return samples + resampler.flush()
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
