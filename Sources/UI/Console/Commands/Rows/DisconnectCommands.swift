import Screen
import Session

// Ways to lose the connection on purpose.
extension Command {
  static let disconnect = Command("disconnect")
  static let close = Command("close")
  static let abort = Command("abort")
  static let stall = Command("stall")
  static let refuse = Command("refuse")
}

extension CommandTable {
  static let disconnectingRows: [CommandSpec] = [
    CommandSpec(
      .disconnect, .disconnecting, [.on("d")], "disconnect", "Choose a way to lose the connection on purpose.",
      .disturb,
      offered: { $0.isUsable }
    ) { console, _ in
      console.lay(.disconnect(selected: 0))
      return []
    },
    CommandSpec(
      .close, .disconnecting, [.on("c", [.disconnect])], "close",
      "Close handshake with a code, and a reason if you like.",
      .disturb, hinted: [.disconnect],
      // RFC 6455 section 7.4: these four are never sent.
      argument: [
        .number(
          "CODE", 1000...4999, except: [1004, 1005, 1006, 1015], "close codes", known: closeCodes, suggestion: "1000"),
        .text("REASON").optional,
      ]
    ) { console, input throws(CommandFault) in try console.close(input.values) },
    CommandSpec(
      .abort, .disconnecting, [.on("a", [.disconnect])], "abort", "Reset the TCP connection, without a close frame.",
      .disturb, hinted: [.disconnect]
    ) { console, _ in console.disconnect(.abort) },
    CommandSpec(
      .stall, .disconnecting, [.on("s", [.disconnect])], "stall",
      "Neither read nor write, connection open; again to lift.", .disturb, hinted: [.disconnect]
    ) { console, _ in console.disconnect(.stall) },
    CommandSpec(
      .refuse, .disconnecting, [.on("r", [.disconnect])], "refuse",
      "Drop the connection; reconnects fail for some seconds.", .disturb,
      hinted: [.disconnect], argument: [.number("SECONDS", 1...3600, "seconds", suggestion: "10")]
    ) { console, input in console.disconnect(.refuse(.seconds(input.number(0) ?? 0))) },
  ]

  /// Those that peers use (the IANA registry "WebSocket Close Code Number"), and where one's own begin.
  private static let closeCodes = [
    Argument.Choice("1000", "normal closure"), Argument.Choice("1001", "going away"),
    Argument.Choice("1002", "protocol error"), Argument.Choice("1003", "unsupported data"),
    Argument.Choice("1007", "invalid payload"), Argument.Choice("1008", "policy violation"),
    Argument.Choice("1009", "message too big"), Argument.Choice("1011", "internal error"),
    Argument.Choice("1012", "service restart"), Argument.Choice("1013", "try again later"),
    Argument.Choice("3000", "unauthorized"), Argument.Choice("4000", "the first of one's own"),
  ]
}
