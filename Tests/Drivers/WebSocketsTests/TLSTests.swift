import Foundation
import TestKit
import Testing

@testable import WebSockets

/// TLS with certificates made by openssl when the tests run.
@Suite struct TLSTests {
  /// A folder with certificates, removed when the test is over.
  private final class Certificates {
    let folder: URL

    init() throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "sidetone-tls-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func openssl(_ arguments: String...) throws {
      let process = try ChildProcess("/usr/bin/openssl", arguments)
      process.closeInput()
      #expect(process.waitUntilExit() == 0, "\(process.errorLines)")
    }

    /// A self-signed certificate for localhost, 127.0.0.1.
    func selfSigned(_ name: String, host: String = "localhost", address: String? = "127.0.0.1") throws {
      let names = "subjectAltName=DNS:\(host)" + (address.map { ",IP:\($0)" } ?? "")
      try openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=\(host)", "-addext", names, "-keyout", path("\(name).key"), "-out", path("\(name).pem"))
    }

    /// A certificate signed by a self-signed authority; `days` below 0 has expired.
    func signed(_ name: String, days: Int) throws {
      try selfSigned("ca", host: "Test Authority", address: nil)
      try openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
        "-keyout", path("\(name).key"), "-out", path("\(name).csr"))
      try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8).write(to: folder.appending(path: "names"))
      try openssl(
        "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
        "-days", "\(days)", "-extfile", path("names"), "-out", path("\(name).pem"))
    }

    func server(_ name: String) throws -> ServerUnderTest {
      try ServerUnderTest(ServerOptions(certificateFile: path("\(name).pem"), keyFile: path("\(name).key")))
    }
  }

  @Test func selfSigned() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("own")
    let server = try certificates.server("own")
    let client = ClientUnderTest()
    let url = server.url(scheme: "wss")

    try client.connect(url, id: 1)
    let failure = await client.failure(1)
    #expect(failure?.kind == .selfSigned, "\(failure?.reason ?? "")")
    #expect(failure?.reason.contains("--cacert") == true)
    #expect(failure?.reason.contains("--insecure") == true)
    #expect(failure?.isPermanent == true)

    try client.connect(url, id: 2, caFile: certificates.path("own.pem"))
    #expect(await client.isOpen(2), "\(client.all(2))")
    try client.connect(url, id: 3, insecure: true)
    #expect(await client.isOpen(3), "\(client.all(3))")
    guard case .opened(let stages, _)? = client.all(3).first else { return }
    #expect(stages.map(\.name) == ["tcp", "tls", "upgrade"])
    for id in 2...3 {
      client.client.send(.init(id), pattern(300_000), isText: false)
      #expect(await client.messages(id, atLeast: 1) == [.message(pattern(300_000), isText: false)])
      client.client.close(.init(id), code: 4000, reason: "enough")
      #expect(await client.closed(id) == Closed(code: 4000, reason: "enough", by: .client))
    }
    // The trust of one connection is not that of the next.
    try client.connect(url, id: 4)
    #expect(await client.failure(4)?.kind == .selfSigned)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func unknownAuthority() async throws {
    let certificates = try Certificates()
    try certificates.signed("leaf", days: 2)
    let server = try certificates.server("leaf")
    let client = ClientUnderTest()
    try client.connect(server.url(scheme: "wss"), id: 1)
    let failure = await client.failure(1)
    #expect(failure?.kind == .unknownAuthority, "\(failure?.reason ?? "")")
    #expect(failure?.isPermanent == true)
    try client.connect(server.url(scheme: "wss"), id: 2, caFile: certificates.path("ca.pem"))
    #expect(await client.isOpen(2), "\(client.all(2))")
    try client.connect("wss://localhost:\(server.server.port)/voice", id: 3, caFile: certificates.path("ca.pem"))
    #expect(await client.isOpen(3), "\(client.all(3))")
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func expired() async throws {
    let certificates = try Certificates()
    try certificates.signed("old", days: -1)
    let server = try certificates.server("old")
    let client = ClientUnderTest()
    try client.connect(server.url(scheme: "wss"), id: 1, caFile: certificates.path("ca.pem"))
    let failure = await client.failure(1)
    #expect(failure?.kind == .expired, "\(failure?.reason ?? "")")
    try client.connect(server.url(scheme: "wss"), id: 2, insecure: true)
    #expect(await client.isOpen(2), "\(client.all(2))")
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func wrongHost() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("else", host: "else.example", address: nil)
    let server = try certificates.server("else")
    let client = ClientUnderTest()
    let caFile = certificates.path("else.pem")
    for (id, host) in ["127.0.0.1", "localhost"].enumerated() {
      try client.connect("wss://\(host):\(server.server.port)/voice", id: id, caFile: caFile)
      let failure = await client.failure(id)
      #expect(failure?.kind == .wrongHost, "\(failure?.reason ?? "")")
    }
    try client.connect(server.url(scheme: "wss"), id: 3, caFile: caFile, insecure: true)
    #expect(await client.isOpen(3), "\(client.all(3))")
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func plainToATLSPort() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("own")
    let server = try certificates.server("own")
    let client = ClientUnderTest()
    try client.connect(server.url())
    let failure = await client.failure()
    #expect(failure?.kind == .needsTLS, "\(failure?.reason ?? "")")
    #expect(failure?.reason.contains("write wss://") == true)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func unusableFiles() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("own")
    try certificates.selfSigned("other")
    let client = ClientUnderTest()
    try Data("no certificate\n".utf8).write(to: certificates.folder.appending(path: "text.pem"))
    for (id, name) in ["missing.pem", "text.pem"].enumerated() {
      try client.connect("wss://127.0.0.1:9/", id: id, caFile: certificates.path(name))
      let failure = await client.failure(id)
      #expect(failure?.kind == .badCAFile, "\(failure?.reason ?? "")")
      #expect(failure?.reason.contains(name) == true)
    }
    #expect(client.stop() == 0)
    for (certificate, key, part) in [
      ("own.pem", "other.key", "may not belong together"), ("text.pem", "own.key", "no PEM certificate"),
      ("own.pem", "own.pem", "no PEM private key"),
    ] {
      let error = #expect(throws: ServerStartError.self) {
        _ = try WebSocketServer(
          ServerOptions(certificateFile: certificates.path(certificate), keyFile: certificates.path(key))
        ) { _, _ in }
      }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }
}
