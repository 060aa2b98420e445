import CWebSockets
import Glibc

/// What a client trusts and shows on `wss://`, made ready once for each set of files: reading the system's certificates
/// takes some 20 ms, and megabytes.
final class TLSContexts {
  /// The files that make the difference; nil for the system's certificates alone and no certificate of our own.
  struct Files: Hashable, Sendable {
    var authority: String?
    var certificate: String?
    var key: String?
  }

  private var contexts: [Files: OpaquePointer] = [:]

  deinit { for context in contexts.values { SSL_CTX_free(context) } }

  /// The context for these files, or what is wrong with one of them.
  func context(for files: Files) -> Result<OpaquePointer, TLSFileFault> {
    if let problem = Self.problem(with: files) { return .failure(problem) }
    if let known = contexts[files] { return .success(known) }
    guard let context = cws_tls_context() else {
      return .failure(TLSFileFault(kind: .tlsHandshake, text: "no memory for TLS"))
    }
    if let problem = Self.load(files, into: context) {
      SSL_CTX_free(context)
      return .failure(problem)
    }
    contexts[files] = context
    return .success(context)
  }

  /// Looks at the files before OpenSSL does, whose words would be few.
  private static func problem(with files: Files) -> TLSFileFault? {
    if let authority = files.authority, let problem = CertificateFile.problem(with: authority) {
      return TLSFileFault(kind: .badCAFile, text: problem)
    }
    switch (files.certificate, files.key) {
    case (nil, nil): return nil
    case (let certificate?, let key):
      // One file may hold both.
      if let problem = CertificateFile.problem(with: certificate) {
        return TLSFileFault(kind: .badCertificateFile, text: problem)
      }
      return CertificateFile.problem(with: key ?? certificate, marker: "PRIVATE KEY-----", what: "private key").map {
        TLSFileFault(kind: .badCertificateFile, text: key == nil ? "\($0); or give its key by --key" : $0)
      }
    case (nil, _?):
      return TLSFileFault(kind: .badCertificateFile, text: "a key without its certificate: give both, --cert and --key")
    }
  }

  private static func load(_ files: Files, into context: OpaquePointer) -> TLSFileFault? {
    if let authority = files.authority, SSL_CTX_load_verify_locations(context, authority, nil) != 1 {
      return TLSFileFault(kind: .badCAFile, text: "cannot use certificate file \(authority)\(reason())")
    }
    guard let certificate = files.certificate else { return nil }
    let key = files.key ?? certificate
    func fault(_ text: String) -> TLSFileFault { TLSFileFault(kind: .badCertificateFile, text: text) }
    switch cws_tls_identity(context, certificate, key) {
    case CWS_FILE_OK: return nil
    case CWS_FILE_CERTIFICATE: return fault("cannot use certificate file \(certificate)\(reason())")
    case CWS_FILE_ENCRYPTED:
      return fault(
        "the private key in \(key) is encrypted, and there is nobody to ask for its passphrase: decrypt it by "
          + "openssl pkey -in \(key) -out PLAIN.key")
    case CWS_FILE_MISMATCH:
      return fault("the certificate in \(certificate) and the key in \(key) do not belong together: give the pair")
    default: return fault("cannot use private key file \(key)\(reason())")
    }
  }

  private static func reason() -> String { cws_tls_reason().map { " (\(String(cString: $0)))" } ?? "" }
}

/// A file for TLS that cannot be used.
struct TLSFileFault: Error, Sendable, Equatable {
  var kind: ConnectFailure.Kind
  var text: String
}
