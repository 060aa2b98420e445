import Glibc

/// Looks at PEM files before OpenSSL does: it would only say «error:0».
enum CertificateFile {
  /// What is wrong with a file of certificates, and what to do; nil when it can be read and looks right.
  static func problem(with path: String, marker: String = "CERTIFICATE-----", what: String = "certificate")
    -> String?
  {
    guard let file = fopen(path, "r") else {
      return "cannot read \(what) file \(path): \(String(cString: strerror(errno)))"
    }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("-----BEGIN "), text.contains(marker) { return nil }
    }
    return "\(path) holds no PEM \(what) (no line “-----BEGIN …\(marker)”): convert it by openssl"
  }
}
