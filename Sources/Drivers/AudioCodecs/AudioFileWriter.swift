import Audio
import CSndfile

/// Writes a 16-bit mono WAV as it comes. The header is brought up to date with each second of audio, so that the file can
/// be played even if the process is killed.
///
/// Not `Sendable`: one thread at a time. It writes to disk, and so does not belong on an audio thread.
public final class AudioFileWriter {
  public let path: String
  /// Samples a second.
  public let rate: Int
  /// Samples written so far.
  public private(set) var sampleCount = 0

  private var file: OpaquePointer?
  private var countAtUpdate = 0

  /// Creates the file, or empties it.
  /// - Parameter rate: samples a second.
  /// - Throws: `AudioFile.Failure`.
  public init(path: String, rate: Int) throws {
    self.path = path
    self.rate = rate
    var info = SF_INFO()
    info.samplerate = Int32(clamping: rate)
    info.channels = 1
    info.format = Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
    file = sf_open(path, Int32(SFM_WRITE), &info)
    guard file != nil else {
      throw AudioFile.Failure(
        path: path, problem: "cannot be written (\(AudioFile.libraryText(nil)))",
        remedy: "Check that the directory exists and may be written to")
    }
    sf_command(file, Int32(SFC_UPDATE_HEADER_NOW), nil, 0)
  }

  deinit { close() }

  /// Appends samples.
  /// - Throws: `AudioFile.Failure` when the disk is full, or after `close`.
  public func write(_ samples: [Int16]) throws {
    guard let file else {
      throw AudioFile.Failure(path: path, problem: "the file is closed", remedy: "Open it again")
    }
    guard !samples.isEmpty else { return }
    let written = Int(sf_writef_short(file, samples, sf_count_t(samples.count)))
    sampleCount += max(written, 0)
    guard written == samples.count else {
      throw AudioFile.Failure(
        path: path,
        problem: "only \(max(written, 0)) of \(samples.count) samples were written "
          + "(\(AudioFile.libraryText(file)))",
        remedy: "Make room on the disk")
    }
    if sampleCount - countAtUpdate >= rate {
      countAtUpdate = sampleCount
      sf_command(file, Int32(SFC_UPDATE_HEADER_NOW), nil, 0)
    }
  }

  /// Completes the header and closes the file. May be called again.
  public func close() {
    guard let file else { return }
    sf_close(file)
    self.file = nil
  }
}
