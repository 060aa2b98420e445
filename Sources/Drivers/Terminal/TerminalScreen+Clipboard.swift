import FoundationEssentials

extension TerminalScreen {
  /// Asks the terminal to put a text on the operator's clipboard (OSC 52). Terminals that cannot ignore it; tmux
  /// passes it on when its `set-clipboard` is on.
  public func copyToClipboard(_ text: String) {
    frames.write(Array("\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}".utf8))
  }
}
