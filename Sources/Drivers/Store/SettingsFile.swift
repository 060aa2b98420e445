import Glibc
import Yams

/// One key of a YAML file, with its place for error messages.
struct SettingsEntry {
  let path: String
  /// With the sections it is in: `llm.provider`.
  let key: String
  let line: Int
  let node: Node

  /// The last part of the key.
  var name: String { String(key.split(separator: ".").last ?? "") }

  func error(_ reason: String, allowed: String) -> SettingsError {
    SettingsError(path: path, line: line, key: key, reason: reason, allowed: allowed)
  }

  /// A text, number or truth value, as it stands in the file.
  func text(allowed: String = "a text") throws(SettingsError) -> String {
    guard let scalar = node.scalar else { throw error("has a list or section for a value", allowed: allowed) }
    let isBare = scalar.style == .plain || scalar.style == .any
    guard !(isBare && (scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null")) else {
      throw error("has no value", allowed: allowed)
    }
    return scalar.string
  }

  /// One of some words.
  func choice<Value>(_ values: [(String, Value)]) throws(SettingsError) -> Value {
    let names = values.map(\.0)
    let allowed = names.joined(separator: ", ")
    let word = try text(allowed: allowed)
    guard let value = values.first(where: { $0.0 == word }) else {
      throw error("\"\(word)\" is none of its values\(hint(word, among: names))", allowed: allowed)
    }
    return value.1
  }

  func integer(in range: ClosedRange<Int>, unit: String) throws(SettingsError) -> Int {
    let allowed = "\(range.lowerBound)…\(range.upperBound) \(unit)"
    let word = try text(allowed: allowed)
    guard let number = Int(word) else { throw error("\"\(word)\" is no whole number", allowed: allowed) }
    guard range.contains(number) else { throw error("\(number) is out of range", allowed: allowed) }
    return number
  }

  /// Several texts: a list, or one text alone. Each keeps its own line for error messages.
  func texts(allowed: String) throws(SettingsError) -> [SettingsEntry] {
    guard let sequence = node.sequence else {
      _ = try text(allowed: allowed)
      return [self]
    }
    guard !sequence.isEmpty else { throw error("is empty", allowed: allowed) }
    return sequence.map { SettingsEntry(path: path, key: key, line: $0.mark?.line ?? line, node: $0) }
  }

  /// The keys of a section.
  func section() throws(SettingsError) -> [SettingsEntry] {
    guard let mapping = node.mapping else { throw error("has no keys under it", allowed: "a section") }
    return try SettingsFile.entries(mapping, path: path, section: key + ".")
  }
}

/// Reads YAML files whose root is a mapping.
enum SettingsFile {
  /// No settings are longer; a device or a wrong file is.
  static let sizeLimit = 256 * 1024

  /// The keys of a file in their order; none for an empty file.
  static func read(_ path: String) throws(SettingsError) -> [SettingsEntry] {
    let text = try text(path, limit: sizeLimit)
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      throw problem(error, path)
    }
    guard let root, root.scalar.map({ !$0.string.isEmpty }) ?? true else { return [] }
    guard let mapping = root.mapping else {
      throw SettingsError(
        path: path, line: root.mark?.line, reason: "is not made of keys", allowed: "lines such as \"key: value\"")
    }
    return try entries(mapping, path: path, section: "")
  }

  static func entries(_ mapping: Node.Mapping, path: String, section: String) throws(SettingsError) -> [SettingsEntry] {
    var entries: [SettingsEntry] = []
    for (key, value) in mapping {
      let line = key.mark?.line ?? value.mark?.line ?? 0
      guard let name = key.scalar?.string else {
        throw SettingsError(path: path, line: line, reason: "a key is a list or section", allowed: "a word")
      }
      entries.append(SettingsEntry(path: path, key: section + name, line: line, node: value))
    }
    return entries
  }

  /// A file's whole text; one of more than `limit` bytes is refused.
  static func text(_ path: String, limit: Int) throws(SettingsError) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw SettingsError(path: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 {
        throw SettingsError(path: path, reason: "cannot be read: \(String(cString: strerror(errno)))")
      }
      guard count > 0 else { break }
      bytes += buffer[..<count]
      guard bytes.count <= limit else {
        throw SettingsError(path: path, reason: "is too long for a file of settings", allowed: "\(limit / 1024) KiB")
      }
    }
    // YAML 1.2 section 5.2: a byte order mark may stand before the text, and editors of Windows write it.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if let encoding = otherEncoding(of: bytes) {
      throw SettingsError(path: path, reason: "is \(encoding) text", allowed: "UTF-8; save it as UTF-8")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SettingsError(path: path, reason: "is not UTF-8 text")
    }
    return text
  }

  /// UTF-16 and UTF-32, by their byte order marks or by where the zeros of their ASCII characters stand.
  private static func otherEncoding(of bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    guard bytes.count >= 4 else { return nil }
    switch bytes.prefix(4).map({ $0 == 0 }) {
    case [false, true, false, true], [true, false, true, false]: return "UTF-16"
    case [false, true, true, true], [true, true, true, false]: return "UTF-32"
    default: return nil
    }
  }

  private static func problem(_ error: any Error, _ path: String) -> SettingsError {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return SettingsError(path: path, line: mark.line, reason: "is not valid YAML: \(problem)")
    case .reader(let problem, _, _, _):
      return SettingsError(path: path, reason: "is not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return SettingsError(
        path: path, line: context.mark.line, key: duplicates.first, reason: "is given more than once",
        allowed: "each key once")
    default:
      return SettingsError(path: path, reason: "is not valid YAML: \(error)")
    }
  }
}
