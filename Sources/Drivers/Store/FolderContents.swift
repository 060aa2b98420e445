import Glibc

/// What is in a folder, for completing paths as they are typed.
public enum FolderContents {
  /// One file or folder.
  public struct Item: Sendable, Hashable {
    public var name: String
    public var isFolder: Bool
    public var byteCount: Int
  }
  /// More than this nobody chooses from.
  public static let limit = 10_000

  /// By name, folders and links to folders marked; none when it cannot be read. Names that are not UTF-8 or that hold
  /// control characters are left out. May block, as on a network's file system.
  /// - Parameter path: empty for the current folder; `~/` at the beginning stands for the home.
  public static func read(_ path: String) -> [Item] {
    let folder = path.isEmpty ? "." : Self.expanded(path)
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var items: [Item] = []
    while items.count < limit, let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
      }
      guard let name, name != ".", name != "..", !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
        continue
      }
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0 else { continue }
      items.append(
        Item(name: name, isFolder: status.st_mode & S_IFMT == S_IFDIR, byteCount: Int(status.st_size)))
    }
    return items.sorted { $0.name < $1.name }
  }

  /// A path as a shell would read its beginning: `~/` is the home.
  public static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }
}
