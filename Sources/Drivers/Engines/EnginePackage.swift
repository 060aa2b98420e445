/// A package of the Python Package Index with a speech engine in it: a row of `EnginePackage.table`.
public struct EnginePackage: Sendable, Equatable {
  /// What a wheel is built for, as `uname -m` names it.
  public enum Processor: String, Sendable, CaseIterable {
    case x86_64, aarch64

    /// The one that this program runs on; nil where no engine can be had.
    public static var current: Processor? {
      #if arch(x86_64)
        .x86_64
      #elseif arch(arm64)
        .aarch64
      #else
        nil
      #endif
    }
  }

  /// What an engine does.
  public enum Role: String, Sendable {
    case recogniser = "speech recogniser"
    case detector = "voice detector"
    case voice

    /// What serves where the engine is not there.
    public var instead: String {
      switch self {
      case .recogniser: "PocketSphinx recognises"
      case .detector: "sphinxbase's detector hears who speaks"
      case .voice: "flite speaks"
      }
    }
  }

  /// The licence of a part.
  public struct Licence: Sendable, Equatable {
    public var part: String
    public var name: String
  }

  /// One wheel.
  public struct Wheel: Sendable, Equatable {
    /// Its platform tag, as in `manylinux_2_34_x86_64`; `any` for one that runs everywhere.
    public var platform: String
    /// 64 hexadecimal digits.
    public var sha256: String
    public var bytes: Int
    /// All of its files together, unpacked.
    public var unpackedBytes: Int
    /// Those of its files that are kept. The rest is deleted once it is unpacked.
    public var files: [EngineFile]

    public var keptBytes: Int { files.reduce(0) { $0 + $1.bytes } }
  }

  public var name: String
  public var version: String
  /// The engine's own name.
  public var title: String
  public var role: Role
  /// The package whose library runs this engine; nil when it needs no other.
  public var runsOn: String?
  public var licences: [Licence]
  /// Who made what is in it, and of what.
  public var provenance: String
  public var wheels: [Processor: Wheel]

  /// `NAME VERSION`
  public var nameAndVersion: String { "\(name) \(version)" }
}

/// A file of a wheel.
public struct EngineFile: Sendable, Equatable {
  /// In the wheel, and so in the engines' folder.
  public var path: String
  public var bytes: Int
  /// 64 hexadecimal digits, as the wheel's RECORD has them in another notation.
  public var sha256: String

  public init(_ path: String, _ bytes: Int, _ sha256: String) {
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
  }

  /// The folder in the engines' folder under which it lies.
  var top: String { String(path.prefix { $0 != "/" }) }
}
