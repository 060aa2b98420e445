import Foundation
import TestKit
import Testing
import Timeline

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

    /// A certificate signed by `authority`, whose name tells what it is for.
    func issued(_ name: String, by authority: String, extensions: String, days: Int = 2) throws {
      try openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
        "-keyout", path("\(name).key"), "-out", path("\(name).csr"))
      try Data((extensions + "\n").utf8).write(to: folder.appending(path: "\(name).ext"))
      try openssl(
        "x509", "-req", "-in", path("\(name).csr"), "-CA", path("\(authority).pem"), "-CAkey", path("\(authority).key"),
        "-CAcreateserial", "-days", "\(days)", "-extfile", path("\(name).ext"), "-out", path("\(name).pem"))
    }

    /// One file of several.
    func join(_ names: String..., as result: String) throws {
      let all = try names.map { try Data(contentsOf: folder.appending(path: "\($0).pem")) }
      try Data(all.joined()).write(to: folder.appending(path: "\(result).pem"))
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
    #expect(stages.map(\.name) == [.tcp, .tls, .upgrade])
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

  /// A leaf whose intermediate is not sent, told from one whose authority is unknown: by what the leaf says of its issuer,
  /// or in words for both where it says nothing.
  @Test func missingIntermediate() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("root", host: "Test Root", address: nil)
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
    let link = "authorityInfoAccess=caIssuers;URI:http://127.0.0.1/intermediate.der\n"
    try certificates.issued(
      "Intermediate", by: "root", extensions: "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign")
    try certificates.issued("linked", by: "Intermediate", extensions: names + link)
    try certificates.issued(
      "named", by: "Intermediate", extensions: names + "authorityKeyIdentifier=keyid,issuer:always")
    try certificates.issued("bare", by: "Intermediate", extensions: names)
    try certificates.issued(
      "ofRoot", by: "root", extensions: names + link + "authorityKeyIdentifier=keyid,issuer:always")
    try certificates.join("linked", "Intermediate", as: "whole")
    let client = ClientUnderTest()
    var id = 0
    func failure(_ name: String, trusting authority: String?, chain: String? = nil) async throws -> ConnectFailure? {
      let server = try ServerUnderTest(
        ServerOptions(
          certificateFile: certificates.path("\(chain ?? name).pem"), keyFile: certificates.path("\(name).key")))
      id += 1
      try client.connect(
        server.url(scheme: "wss"), id: id, caFile: authority.map { certificates.path("\($0).pem") })
      let isOpen = await client.isOpen(id)
      let failure = isOpen ? nil : await client.failure(id)
      client.client.abort(LinkID(id))
      #expect(server.stop() == 0)
      return failure
    }
    for name in ["linked", "named"] {
      let missing = try await failure(name, trusting: "root")
      #expect(missing?.kind == .missingIntermediate, "\(missing?.reason ?? "")")
      #expect(missing?.reason.contains("intermediate certificate is missing") == true)
      #expect(missing?.reason.contains("CN=Intermediate") == true)
      #expect(missing?.isPermanent == true)
    }
    let bare = try await failure("bare", trusting: "root")
    #expect(bare?.reason.contains("intermediate") == true && bare?.reason.contains("--cacert") == true)
    // The whole chain, and the missing part given by hand.
    #expect(try await failure("linked", trusting: "root", chain: "whole") == nil)
    #expect(try await failure("linked", trusting: nil, chain: "whole")?.kind == .unknownAuthority)
    let unknown = try await failure("ofRoot", trusting: nil)
    #expect(unknown?.kind == .unknownAuthority, "\(unknown?.reason ?? "")")
    #expect(unknown?.reason.contains("intermediate") == false)
    #expect(client.stop() == 0)
  }

  /// `openssl s_server` that wants a certificate of `ca`: no WebSocket, but what it says of TLS is what others say.
  @Test(arguments: ["-tls1_2", "-tls1_3"]) func clientCertificates(version: String) async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("own")
    try certificates.selfSigned("ca", host: "Test Authority", address: nil)
    try certificates.issued("me", by: "ca", extensions: "extendedKeyUsage=clientAuth")
    try certificates.selfSigned("stranger", host: "stranger", address: nil)
    let server = try ChildProcess(
      "/usr/bin/openssl",
      [
        "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.path("own.pem"), "-key",
        certificates.path("own.key"), "-Verify", "2", "-verify_return_error", "-CAfile", certificates.path("ca.pem"),
        "-www", version,
      ])
    let line = server.waitForLine { $0.hasPrefix("ACCEPT") }
    let port = try #require(line?.split(separator: ":").last.flatMap { Int($0) }, "\(server.errorLines)")
    let client = ClientUnderTest()
    func failure(_ id: Int, _ certificate: String?, _ key: String? = nil) async throws -> ConnectFailure? {
      try client.connect(
        "wss://127.0.0.1:\(port)/", id: id, caFile: certificates.path("own.pem"),
        certificateFile: certificate.map { certificates.path($0) }, keyFile: key.map { certificates.path($0) })
      return await client.failure(id)
    }
    let wanted = try await failure(1, nil)
    #expect(wanted?.kind == .certificateWanted, "\(wanted?.reason ?? "")")
    #expect(wanted?.reason.contains("wants a client certificate: give one by --cert FILE and --key FILE") == true)
    #expect(wanted?.isPermanent == true)
    let refused = try await failure(2, "stranger.pem", "stranger.key")
    #expect(refused?.kind == .certificateRefused, "\(refused?.reason ?? "")")
    // Taken: the web page that s_server answers with is no upgrade.
    let taken = try await failure(3, "me.pem", "me.key")
    #expect(taken?.httpStatus == 200, "\(taken?.reason ?? "")")
    // Certificate and key in one file.
    let both =
      try Data(contentsOf: certificates.folder.appending(path: "me.pem"))
      + Data(
        contentsOf: certificates.folder.appending(path: "me.key"))
    try both.write(to: certificates.folder.appending(path: "both.pem"))
    #expect(try await failure(4, "both.pem")?.httpStatus == 200)
    #expect(client.stop() == 0)
    server.kill()
  }

  @Test func filesOfAClientCertificate() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("own")
    try certificates.selfSigned("other")
    try Data("nothing\n".utf8).write(to: certificates.folder.appending(path: "text.pem"))
    try Data("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8).write(
      to: certificates.folder.appending(path: "broken.pem"))
    try certificates.openssl(
      "pkey", "-in", certificates.path("own.key"), "-aes256", "-passout", "pass:word", "-out",
      certificates.path("locked.key"))
    let client = ClientUnderTest()
    for (id, (certificate, key, part)) in [
      ("missing.pem", "own.key", "missing.pem: No such file"), ("text.pem", "own.key", "no PEM certificate"),
      ("broken.pem", "own.key", "cannot use certificate file"), ("own.pem", "missing.key", "missing.key: No such file"),
      ("own.pem", "text.pem", "no PEM private key"), ("own.pem", "other.key", "do not belong together"),
      ("own.pem", "locked.key", "is encrypted"),
    ].enumerated() {
      try client.connect(
        "wss://127.0.0.1:9/", id: id, certificateFile: certificates.path(certificate), keyFile: certificates.path(key))
      let failure = await client.failure(id)
      #expect(failure?.kind == .badCertificateFile, "\(failure?.reason ?? "")")
      #expect(failure?.reason.contains(part) == true, "\(failure?.reason ?? "")")
      #expect(failure?.isPermanent == true)
    }
    #expect(client.stop() == 0)
  }

  @Test func anIPv6LiteralIsComparedWithTheCertificate() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("six", address: "::1")
    try certificates.selfSigned("four", address: "127.0.0.1")
    for (name, isRight) in [("six", true), ("four", false)] {
      let server = try ServerUnderTest(
        ServerOptions(
          host: "::1", certificateFile: certificates.path("\(name).pem"), keyFile: certificates.path("\(name).key")))
      let client = ClientUnderTest()
      try client.connect("wss://[::1]:\(server.server.port)/voice", caFile: certificates.path("\(name).pem"))
      #expect(await client.isOpen() == isRight, "\(client.all())")
      if !isRight { #expect(await client.failure()?.kind == .wrongHost) }
      #expect(client.stop() == 0)
      #expect(server.stop() == 0)
    }
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

  @Test func whoIsRefusedOverTLSIsToldSoToo() async throws {
    let certificates = try Certificates()
    try certificates.selfSigned("own")
    let server = try certificates.server("own")
    let client = ClientUnderTest()
    let url = server.url(scheme: "wss")
    try client.connect(url, id: 1, headers: [("Origin", "https://evil.example")], insecure: true)
    #expect(await client.failure(1)?.httpStatus == 403)
    try client.connect(
      url, id: 2, headers: [("Origin", url.replacing("wss", with: "https").replacing("/voice", with: ""))],
      insecure: true)
    #expect(await client.isOpen(2))
    // Who does not trust the certificate, or speaks without TLS, gets no answer, but a line.
    try client.connect(url, id: 3)
    #expect(await client.failure(3) != nil)
    #expect(await eventually { server.refused.withLock { $0.map(\.refusal.kind).contains(.noTLS) } })
    #expect(server.refused.withLock { $0.count { $0.refusal.kind == .origin } } == 1)

    var options = ServerOptions(
      certificateFile: certificates.path("own.pem"), keyFile: certificates.path("own.key"), token: "s3cret")
    options.maximumConnections = 1
    let closed = try ServerUnderTest(options)
    let address = closed.url(scheme: "wss")
    try client.connect(address + "?token=wrong", id: 4, insecure: true)
    #expect(await client.failure(4)?.httpStatus == 401)
    try client.connect(address + "?token=s3cret", id: 5, insecure: true)
    #expect(await client.isOpen(5))
    try client.connect(address + "?token=s3cret", id: 6, insecure: true)
    #expect(await client.failure(6)?.httpStatus == 503)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
    #expect(closed.stop() == 0)
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
