import ArgumentParser
import Runtime
import WebSockets

/// `sidetone connect URL`: the console on someone else's server.
struct ConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect", abstract: "Open the console on a voice server at a ws:// or wss:// URL.")

  @Argument(help: "The server, as in wss://example.org/voice. Some dialects have one of their own.")
  var url: String?

  @Option(
    name: [.customShort("H"), .customLong("header")],
    help: """
      A request header, as in 'Authorization: Bearer …'; @FILE reads them from a file, one a line. Host replaces the \
      address' own; Sec-WebSocket-Protocol offers subprotocols, as --subprotocol does.
      """)
  var headers: [String] = []

  @Option(help: "A WebSocket subprotocol to ask for.")
  var subprotocol: [String] = []

  @OptionGroup var dialect: DialectFlags

  @Option(
    help: """
      What the server is asked to send: pcm16, wav, mp3 or opus, and binary for binary messages both ways, as in \
      mp3,binary. Asked for as ?audio=… in the address.
      """)
  var audio: String?

  @Option(help: "A CA certificate (PEM) to trust beside the system's.")
  var cacert: String?

  @Option(help: "A certificate of yours (PEM), for a server that wants one; its intermediates behind it.")
  var cert: String?

  @Option(help: "The private key (PEM) of --cert; may be left out when it stands in the same file.")
  var key: String?

  @Flag(help: "Accept any certificate. Only for servers you test.")
  var insecure = false

  @OptionGroup var session: SessionFlags

  /// Looked at before anything is started, and so told with this command's usage.
  func validate() throws {
    _ = try dialect.key(for: try dialect.url(url), try dialect.choice(codec: session.codec).card)
    // Files are read once, and later: what is wrong with them is not wrong usage.
    _ = try SecretSource.headers(headers.filter { !$0.hasPrefix("@") })
    if key != nil, cert == nil {
      throw ValidationError("--key needs --cert: a certificate and its key belong together")
    }
  }

  func run() throws {
    let start = try Start(session)
    let choice = try dialect.choice(codec: session.codec)
    var options = SessionOptions(url: try dialect.url(url))
    let files = start.configuration.connect
    options.caFile = cacert ?? files.authority
    // A pair: a key from elsewhere would not belong to the certificate.
    (options.certificateFile, options.keyFile) =
      cert == nil && key == nil ? (files.certificate, files.key) : (cert, key)
    options.proxies = .current()
    options.isInsecure = insecure
    options.subprotocols = subprotocol
    options.headers = try SecretSource.headers(headers)
    options.session.asksForAudio = audio
    choice.apply(key: try dialect.key(for: options.url, choice.card), to: &options)
    try session.apply(to: &options, start.configuration)
    if !choice.card.uplink.isDeclared { options.session.codec = .pcm16 }
    options.dialectSettings.isManual = options.session.gateMode == .ptt
    try start.run(options)
  }
}
