import Glibc

/// The files that travel with the program.
enum SpeechResources {
  /// SwiftPM's name for this target's resources.
  static let directoryName = "sidetone_Speech.resources"

  /// The domain's language model.
  ///
  /// Found beside the executable, from any working directory and through symbolic links. Not `Bundle.module`: that
  /// ends the process when the directory is missing, where we can say what is wrong, and costs all of Foundation.
  static var domainModel: String { "\(executableDirectory)/\(directoryName)/Models/domain.arpa" }
  /// The sentences it is made from.
  static var domainSentences: String { "\(executableDirectory)/\(directoryName)/Models/domain.sentences" }

  private static var executableDirectory: String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
