import FoundationEssentials
import Files
import Glibc

/// What the console remembers from one run to the next: how its panes were, and the theme chosen last.
///
/// The names are the console's; who reads the file says what it knows of them.
public struct ConsoleState: Sendable, Equatable, Codable {
  /// Open panes, by title, and the one with the focus.
  public var panes: [String]
  public var focus: String
  public var isZoomed: Bool
  /// The preset chosen last.
  public var preset: String
  /// Shares of rows and columns that panes were given, 0…1.
  public var sizes: [String: Double]
  /// The theme chosen in the program; nil while that of the settings is in force.
  public var theme: String?

  public init(
    panes: [String], focus: String, isZoomed: Bool, preset: String, sizes: [String: Double], theme: String?
  ) {
    self.panes = panes
    self.focus = focus
    self.isZoomed = isZoomed
    self.preset = preset
    self.sizes = sizes
    self.theme = theme
  }

  enum CodingKeys: String, CodingKey {
    case panes, focus, preset, sizes, theme
    case isZoomed = "zoomed"
  }
}

/// The file `state.json`, by the XDG Base Directory Specification in `$XDG_STATE_HOME/sidetone`.
public struct ConsoleStateFile: Sendable {
  public let path: String
  /// Longer is no state of ours.
  private static let sizeLimit = 64 * 1024

  public init(path: String) { self.path = path }

  /// What is remembered; nil when there is nothing yet.
  /// - Throws: what is wrong with the file, in words. The program does well without it.
  public func read() throws(SettingsError) -> ConsoleState? {
    guard access(path, F_OK) == 0 else { return nil }
    let text = try SettingsFile.text(path, limit: Self.sizeLimit)
    do {
      return try JSONDecoder().decode(ConsoleState.self, from: Data(text.utf8))
    } catch {
      throw SettingsError(path: path, reason: "is no state of this program; it is ignored and written anew")
    }
  }

  /// Writes the file anew. Whoever reads at any moment finds the whole old one or the whole new one.
  public func write(_ state: ConsoleState) throws(SettingsError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(state) else {
      throw SettingsError(path: path, reason: "has a size that is no number")
    }
    // For the user alone (specification: 0700).
    guard FileTree.makeFolder(of: path) else { throw failure("its folder cannot be made") }
    // Beside the file, so that it can take its place; two programs that end at once have one each.
    let draft = "\(path).\(getpid())"
    let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("cannot be written") }
    let bytes = [UInt8](data) + [0x0A]
    let written = Glibc.write(file, bytes, bytes.count)
    guard close(file) == 0, written == bytes.count, rename(draft, path) == 0 else {
      defer { unlink(draft) }
      throw failure("cannot be written")
    }
  }

  private func failure(_ what: String) -> SettingsError {
    SettingsError(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
  }
}
