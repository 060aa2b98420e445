import ArgumentParser
import Glibc
import Screen
import Threads
import Wire

/// The program's exit codes, after sysexits(3).
enum ExitStatus: Int32 {
  case sessionFailed = 1
  case usage = 64
  case unreadableInput = 66
  case unavailable = 69
  case noTerminal = 71
  case unwritableOutput = 73
  case badConfiguration = 78

  /// What was looked for is not there, as of grep.
  static let nothingFound = Self.sessionFailed
}

/// Says on stderr what failed and gives the code to end with.
func failure(_ status: ExitStatus, _ text: String) -> ExitCode {
  tellOnStandardError("sidetone: \(text)")
  return ExitCode(status.rawValue)
}

/// A line on stderr. Part of it may be a peer's words.
func tellOnStandardError(_ text: String) {
  // The terminal may take nothing, as over a connection that hangs; the program ends all the same.
  let line = CharacterWidth.printable(Redaction.hideSecrets(in: text)) + "\n"
  _ = BoundedOutput(STDERR_FILENO).write(Array(line.utf8), patience: .seconds(1))
}
