import Admission
import ArgumentParser
import Glibc
import SocketProtocol

/// Secrets that stay out of the list of processes: from an environment variable or from a file.
enum SecretSource {
  /// Most bytes of a file.
  private static let longestFile = 65_536

  /// What `--token`, `--token-env` and `--token-file` give, of which at most one may be there.
  static func token(_ token: String?, variable: String?, file: String?) throws -> String? {
    guard [token, variable, file].compactMap(\.self).count <= 1 else {
      throw ValidationError("--token, --token-env and --token-file exclude each other")
    }
    if let token { return try checked(token, "--token") }
    if let variable {
      guard let value = getenv(variable) else {
        throw ValidationError("--token-env \(variable): this environment variable is not set")
      }
      return try checked(String(cString: value), "--token-env \(variable)")
    }
    guard let file else { return nil }
    var text = try content(of: file, "--token-file")[...]
    // The end of its line is the editor's.
    while let last = text.last, last.isNewline { text.removeLast() }
    return try checked(String(text), "--token-file \(file)")
  }

  private static func checked(_ token: String, _ what: String) throws -> String {
    if let problem = AccessToken.problem(with: token) { throw ValidationError("\(what): \(problem)") }
    return token
  }

  /// The request headers of `-H`: `Name: value`, or `@FILE` with one of them a line; empty lines and those that begin
  /// with `#` are left out.
  static func headers(_ given: [String]) throws -> [(name: String, value: String)] {
    try given.flatMap { text in
      guard text.hasPrefix("@") else { return [try header(text, "-H")] }
      let path = String(text.dropFirst())
      let lines = try content(of: path, "-H").split(whereSeparator: \.isNewline)
      return try lines.filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }.map {
        try header(String($0), "-H @\(path)")
      }
    }
  }

  /// What is wrong is told without the text: it may be a secret.
  private static func header(_ text: String, _ what: String) throws -> (name: String, value: String) {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
      throw ValidationError("\(what): a header must be written as 'Name: value'")
    }
    let header = (name: String(text[..<colon]), value: String(text[text.index(after: colon)...].drop { $0 == " " }))
    if let fault = UpgradeOffer.fault(inHeader: header.name, value: header.value) {
      throw ValidationError("\(what) \(fault)")
    }
    return header
  }

  private static func content(of path: String, _ what: String) throws -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(.unreadableInput, "\(what) \(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count <= longestFile {
      let count = read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw failure(.unreadableInput, "\(what) \(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw failure(.unreadableInput, "\(what) \(path): not a text in UTF-8")
        }
        return text
      }
      bytes += buffer.prefix(count)
    }
    throw failure(
      .unreadableInput, "\(what) \(path): larger than \(longestFile) bytes; this is not the file that was meant")
  }
}
