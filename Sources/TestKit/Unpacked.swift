import Foundation

/// Programs that only tests run, unpacked from Debian's packages by `make test-deps` and not installed: `.ci/unpack`.
public struct Unpacked: Sendable {
  /// What the folder is called, as in `ssh`.
  public let name: String
  /// The root of what was unpacked, with `usr`, `etc` and so on.
  public let folder: String

  /// - Returns: nil where the set is not there.
  public init?(_ name: String) {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appendingPathComponent(".build/unpacked/\(name)")
    guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(".complete").path) else { return nil }
    self.name = name
    self.folder = folder.path
  }

  /// Whether a set is there: the condition of tests that need it.
  public static func has(_ name: String) -> Bool { Unpacked(name) != nil }

  /// What tests say that are left out without it.
  public static func comment(_ name: String) -> String {
    "left out: \(name) is not in .build/unpacked; `make test-deps` brings it"
  }

  /// A path in it, as in `usr/sbin/sshd`.
  public func path(_ relative: String) -> String { folder + "/" + relative }

  /// Where its shared libraries are, for LD_LIBRARY_PATH: the usual folders, and those in them that hold libraries.
  public var libraries: String {
    let files = FileManager.default
    var found: [String] = []
    for base in ["usr/lib", "lib"].map(path) {
      for folder in (try? files.contentsOfDirectory(atPath: base)) ?? [] where folder.hasSuffix("-linux-gnu") {
        found.append("\(base)/\(folder)")
      }
    }
    for folder in found {
      for inner in (try? files.contentsOfDirectory(atPath: folder)) ?? [] where Self.hasLibraries("\(folder)/\(inner)")
      {
        found.append("\(folder)/\(inner)")
      }
    }
    for inner in (try? files.contentsOfDirectory(atPath: path("usr/lib"))) ?? []
    where Self.hasLibraries(path("usr/lib/\(inner)/modules")) {
      found.append(path("usr/lib/\(inner)/modules"))
    }
    return found.joined(separator: ":")
  }

  private static func hasLibraries(_ folder: String) -> Bool {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).contains {
      $0.hasPrefix("lib") && $0.contains(".so")
    }
  }

  /// PATH with its programs before the machine's.
  public var programs: String {
    let own = ["usr/bin", "usr/sbin", "bin", "sbin"].map(path).joined(separator: ":")
    return own + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
  }
}
