import ArgumentParser
import Capture
import Captures
import Filter
import Glibc
import Runtime
import Terminal

/// `sidetone show FILE`: the entries of a recording that a filter lets pass, for grep and jq.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the entries of a recording that a filter lets pass, a line each.",
    discussion: """
      Ends with 0 when an entry passed, and with 1 when none did.
      """)

  @Argument(help: "A capture, or a file written by --log, or by --headless on stdout.")
  var file: String

  @Option(
    help: ArgumentHelp(
      "Which entries, as / in the console: 'dir:in type:error', '/time(out)?/i since:-30s'. Default: all.",
      valueName: "filter"))
  var filter = ""

  @Flag(help: "The lines as they were recorded, for jq.")
  var json = false

  @Flag(help: "Comma-separated values under a line of names.")
  var csv = false

  @Flag(help: "Also audio frames, audio blocks and queue depths, which the log of the console leaves out.")
  var all = false

  func validate() throws {
    if json, csv { throw ValidationError("--json and --csv do not go together") }
    do {
      _ = try Filter(parsing: filter)
    } catch {
      throw ValidationError("--filter: \(error)")
    }
  }

  func run() throws {
    WriteSignals.becomeErrors()
    var options = ShowRun.Options()
    options.filter = try Filter(parsing: filter)
    options.form = json ? .json : csv ? .values : .words
    options.isComplete = all
    options.utcOffsetSeconds = Start.utcOffsetSeconds
    options.usesUnicode = TerminalEnvironment.current().wantsUTF8
    let outcome: ShowRun.Outcome
    do {
      outcome = try ShowRun(Recordings.open(file), options).run(STDOUT_FILENO)
    } catch {
      throw failure(.unreadableInput, "\(file): \(error)")
    }
    if let reason = outcome.failure { throw failure(.unwritableOutput, "standard output: \(reason)") }
    if outcome.unreadable > 0, !outcome.isAbandoned {
      let entries = outcome.unreadable == 1 ? "1 entry" : "\(outcome.unreadable) entries"
      tellOnStandardError(
        "sidetone: \(file): \(entries) could not be read and \(outcome.unreadable == 1 ? "was" : "were") passed over")
    }
    if outcome.shown == 0 { throw ExitCode(ExitStatus.nothingFound.rawValue) }
  }
}
