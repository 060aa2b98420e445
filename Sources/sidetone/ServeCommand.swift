import Admission
import ArgumentParser
import Audio
import Glibc
import Logging
import Runtime
import Store
import Threads

/// `sidetone serve`: the voice server alone.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the voice server alone; one log line per event on stderr.")

  @Option(help: "Address and port to listen on. Another address than 127.0.0.1 needs a token.")
  var listen = "127.0.0.1:8765"

  @Option(
    help: """
      What clients must show, as 'Authorization: Bearer TOKEN' or ?token=TOKEN. Others on this machine can read it in \
      the list of processes: --token-env and --token-file keep it out.
      """)
  var token: String?

  @Option(help: "The environment variable that holds the token.")
  var tokenEnv: String?

  @Option(help: "A file that holds the token.")
  var tokenFile: String?

  @Option(
    help: """
      Let pages of this origin in without a token, as in https://app.example.org; 'null' for pages opened as files, '*' \
      for all. Give it once for each. Pages of this machine are let in anyway, others need a token.
      """)
  var allowOrigin: [String] = []

  @Option(help: "The server's certificate chain (PEM), for wss://.")
  var cert: String?

  @Option(help: "The certificate's private key (PEM).")
  var key: String?

  @Option(
    help: ArgumentHelp("How to talk: \(DialectFlags.table.offer(to: .server)). See docs/dialects.md."),
    completion: .list(DialectFlags.table.names))
  var dialect = DialectFlags.table.names[0]

  @Option(
    help: """
      What clients may agree on for the audio of a link: opus, mulaw or pcm16, which is always there. Give it once for each. \
      Default: all of them.
      """)
  var codec: [WireCodec] = []

  @Option(help: "Clients at a time; each needs about 70 MB for its recognizer.")
  var maxClients = 4

  @Option(
    help: """
      Clients of one address at a time. Default: half of --max-clients; on 127.0.0.1 all of them. Addresses of an IPv6 \
      network (/64) count as one.
      """)
  var maxClientsPerAddress: Int?

  @Option(
    help: """
      Close the connection of who neither speaks, types, sets nor interrupts anything, and is told nothing, for so long; \
      0 for never. Silence that is sent is no activity.
      """)
  var idleLimit = DurationFlag(argument: "10m")!

  @Option(help: "The configuration file (YAML). Default: $XDG_CONFIG_HOME/sidetone/config.yaml.")
  var config: String?

  @Option(help: "Append the log to a file, too.")
  var log: String?

  @OptionGroup var server: ServerFlags

  func validate() throws {
    if (cert == nil) != (key == nil) { throw ValidationError("TLS needs both --cert and --key") }
    if maxClients < 1 { throw ValidationError("--max-clients must be at least 1") }
    if let most = maxClientsPerAddress, most < 1 {
      throw ValidationError("--max-clients-per-address must be at least 1")
    }
    if idleLimit.value != .zero, idleLimit.value < .seconds(1) {
      throw ValidationError("--idle-limit must be at least 1s, or 0 for none")
    }
    do {
      _ = try DialectChoice(dialect, seat: .server, among: DialectFlags.table)
    } catch {
      throw ValidationError("\(error)")
    }
    _ = try allowedOrigins()
    let (host, _) = try address()
    let hasToken = [token, tokenEnv, tokenFile].contains { $0 != nil }
    if !VoiceServerOptions.isLoopback(host), !hasToken {
      throw ValidationError(
        "--listen \(listen) can be reached from other machines: give it a --token-file or --token-env")
    }
  }

  func run() throws {
    WriteSignals.becomeErrors()
    let clock = TimelineClock()
    let configuration = try Start.configuration(config)
    var options = VoiceServerOptions()
    (options.host, options.port) = try address()
    let token = try SecretSource.token(token, variable: tokenEnv, file: tokenFile)
    options.token = token
    options.allowedOrigins = try allowedOrigins()
    options.certificateFile = cert
    options.keyFile = key
    options.dialect = dialect
    options.maximumClients = maxClients
    options.maximumClientsPerAddress = maxClientsPerAddress
    options.agent.idleLimit = idleLimit.value == .zero ? nil : idleLimit.value
    try server.apply(to: &options, configuration)
    if !codec.isEmpty { options.allow(codec) }
    let log = try openLog(token)
    // Of each client: its socket, what wakes its threads, and connections to services.
    if !FileDescriptors.allow(8 * maxClients + 64) {
      log.warning("\(maxClients) clients may need more open files than this process may have: raise ulimit -Hn")
    }
    let waker = Waker()
    let signals = StopSignals(waker: waker)
    let running: VoiceServer
    do {
      running = try VoiceServer(options, clock: clock, log: log)
    } catch {
      throw failure(.unavailable, "cannot listen on \(listen): \(error)")
    }
    let scheme = cert == nil ? "ws" : "wss"
    log.info("listening on \(scheme)://\(options.host):\(running.port)\(options.path)")
    for notice in ServerFlags.shortcomings(of: options) {
      log.warning("\(notice.text)\(notice.remedy.map { "; to have better: \($0)" } ?? "")")
    }
    if token != nil, cert == nil, !options.isLoopback {
      log.warning(
        "the token and all that is said go over the network in clear: give --cert and --key, or let a proxy with TLS be the only one that can reach this port"
      )
    }
    while !signals.isStopRequested { waker.wait(timeout: nil) }
    log.info("stopping")
    running.stop()
  }

  private func allowedOrigins() throws -> [AllowedOrigin] {
    try allowOrigin.map { text in
      do {
        return try AllowedOrigin(text)
      } catch {
        throw ValidationError("--allow-origin: \(error)")
      }
    }
  }

  private func openLog(_ token: String?) throws -> Logger {
    var descriptors = [STDERR_FILENO]
    var names: [Int32: String] = [:]
    if let log {
      let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        throw failure(.unwritableOutput, "--log \(log): \(String(cString: strerror(errno)))")
      }
      descriptors.append(file)
      names[file] = "--log \(log)"
    }
    let handler = LineLogHandler(secrets: [token].compactMap(\.self), descriptors: descriptors, names: names)
    return Logger(label: "sidetone") { _ in handler }
  }

  /// `HOST:PORT`, `[::1]:PORT` or `PORT`.
  private func address() throws -> (host: String, port: Int) {
    var host = "127.0.0.1"
    var portText = listen
    if let colon = listen.lastIndex(of: ":") {
      host = String(listen[..<colon])
      portText = String(listen[listen.index(after: colon)...])
      if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    }
    guard let port = Int(portText), (0...65_535).contains(port), !host.isEmpty else {
      throw ValidationError("--listen \(listen): write it as 127.0.0.1:8765")
    }
    return (host == "localhost" ? "127.0.0.1" : host, port)
  }
}
