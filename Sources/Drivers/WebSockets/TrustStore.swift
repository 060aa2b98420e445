import CWebSockets
import Glibc

/// The system's certificate authorities, as OpenSSL will look for them on `wss://`.
public enum TrustStore {
  /// Where they are; nil when there are none, so that every `wss://` server would be refused without `--cacert`.
  /// `SSL_CERT_FILE` and `SSL_CERT_DIR` count, as they do for OpenSSL.
  public static func find() -> String? {
    find(
      file: place(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
      directory: place(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()))
  }

  static func find(file: String?, directory: String?) -> String? {
    if let file, isReadableFile(file) { return file }
    guard let directory, let stream = opendir(directory) else { return nil }
    defer { closedir(stream) }
    // OpenSSL finds a certificate by the hash of its subject: 1a2b3c4d.0.
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      let parts = name.split(separator: ".")
      if parts.count == 2, parts[0].count == 8, parts[0].allSatisfy(\.isHexDigit), UInt(parts[1]) != nil {
        return directory
      }
    }
    return nil
  }

  private static func isReadableFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
      && access(path, R_OK) == 0
  }

  private static func place(_ variable: UnsafePointer<CChar>?, _ standard: UnsafePointer<CChar>?) -> String? {
    if let variable, let value = getenv(variable) { return String(cString: value) }
    return standard.map { String(cString: $0) }
  }
}
