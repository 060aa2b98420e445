import ArgumentParser
import Glibc
import Logging
import Runtime
import Store
import Threads

/// `sidetone serve`: the voice server alone.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the voice server alone; one log line per event on stderr.")

  @Option(help: "Address and port to listen on. Another address than 127.0.0.1 needs --token.")
  var listen = "127.0.0.1:8765"

  @Option(help: "What clients must show, as 'Authorization: Bearer TOKEN' or ?token=TOKEN.")
  var token: String?

  @Option(help: "The server's certificate chain (PEM), for wss://.")
  var cert: String?

  @Option(help: "The certificate's private key (PEM).")
  var key: String?

  @Option(help: "How to talk: voice or pcm.")
  var dialect: ConnectCommand.DialectFlag = .voice

  @Option(help: "Clients at a time; each needs about 70 MB for its recognizer.")
  var maxClients = 4

  @Option(help: "The configuration file (YAML). Default: $XDG_CONFIG_HOME/sidetone/config.yaml.")
  var config: String?

  @Option(help: "Append the log to a file, too.")
  var log: String?

  @OptionGroup var server: ServerFlags

  func validate() throws {
    if (cert == nil) != (key == nil) { throw ValidationError("TLS needs both --cert and --key") }
    if maxClients < 1 { throw ValidationError("--max-clients must be at least 1") }
    _ = try address()
  }

  func run() throws {
    WriteSignals.becomeErrors()
    let clock = TimelineClock()
    let configuration = try Start.configuration(config)
    var options = VoiceServerOptions()
    (options.host, options.port) = try address()
    options.token = token
    options.certificateFile = cert
    options.keyFile = key
    options.dialect = dialect.rawValue
    options.maximumClients = maxClients
    try server.apply(to: &options, configuration)
    let log = try openLog()
    let waker = Waker()
    let signals = StopSignals(waker: waker)
    let running: VoiceServer
    do {
      running = try VoiceServer(options, clock: clock, log: log)
    } catch {
      throw failure(.unavailable, "cannot listen on \(listen): \(error)")
    }
    let scheme = cert == nil ? "ws" : "wss"
    log.info("listening on \(scheme)://\(options.host):\(running.port)/voice")
    while !signals.isStopRequested { waker.wait(timeout: nil) }
    log.info("stopping")
    running.stop()
  }

  private func openLog() throws -> Logger {
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
    let loopback = ["127.0.0.1", "::1", "localhost"]
    if !loopback.contains(host), token == nil {
      throw ValidationError("--listen \(listen) can be reached from other machines: give it a --token")
    }
    return (host == "localhost" ? "127.0.0.1" : host, port)
  }
}
