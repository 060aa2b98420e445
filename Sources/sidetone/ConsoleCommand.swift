import ArgumentParser
import Logging
import Runtime
import WebSockets

/// `sidetone`: the console on an embedded server.
struct ConsoleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "console", abstract: "Open the console on an embedded voice server (the default).")

  @OptionGroup var session: SessionFlags
  @OptionGroup var server: ServerFlags

  func run() throws {
    let start = try Start(session)
    var serverOptions = VoiceServerOptions()
    serverOptions.port = 0
    try server.apply(to: &serverOptions, start.configuration)
    // The console shows the protocol itself; the server's own log would only say it twice.
    let quiet = Logger(label: "server") { _ in SwiftLogNoOpLogHandler() }
    var embedded: VoiceServer?
    defer { embedded?.stop() }
    // The port is the server's to say.
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1/voice"))
    try session.apply(to: &options, start.configuration)
    options.openingNotices = ServerFlags.shortcomings(of: serverOptions)
    try start.run(options) {
      do {
        let server = try VoiceServer(serverOptions, clock: start.clock, log: quiet)
        embedded = server
        return try WebSocketURL.parse("ws://127.0.0.1:\(server.port)/voice")
      } catch {
        throw failure(.unavailable, "cannot start the embedded server: \(error)")
      }
    }
  }
}
