import ArgumentParser
import Engines
import Glibc
import Runtime
import Screen
import Threads

/// `sidetone engines`: the speech engines that are fetched and not shipped.
struct EnginesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engines", abstract: "List, fetch or remove the speech engines that are not shipped.",
    discussion: """
      With them the embedded server understands and speaks much better. Without them PocketSphinx, sphinxbase and flite \
      serve.
      """,
    subcommands: [List.self, Install.self, Remove.self], defaultSubcommand: List.self)

  /// Where the engines are.
  struct Place: ParsableArguments {
    @Option(
      help: """
        The folder of the engines. Default: $SIDETONE_ENGINES, or $XDG_DATA_HOME/sidetone/engines, usually \
        ~/.local/share/sidetone/engines.
        """)
    var folder: String?

    func found() throws -> EngineFolder {
      guard let folder else {
        if let standard = EngineFolder.standard { return standard }
        throw failure(.unavailable, "there is no home for the speech engines: set HOME or SIDETONE_ENGINES")
      }
      if folder.hasPrefix("/") { return EngineFolder(folder) }
      guard let here = getcwd(nil, 0) else { throw failure(.unavailable, "there is no working directory") }
      defer { free(here) }
      return EngineFolder("\(String(cString: here))/\(folder)")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which engines are here, with their versions, licences and origin (the default).")

    @OptionGroup var place: Place

    func run() throws {
      // A path is anything; lines are ours.
      let lines = EngineReport(try place.found()).text.split(separator: "\n", omittingEmptySubsequences: false)
      print(lines.map { CharacterWidth.printable(String($0)) }.joined(separator: "\n"), terminator: "")
    }
  }

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetch the engines that are missing or damaged, by pip and checked by their hashes.")

    @Flag(help: "Fetch nothing: say what is missing, and end with 69 when something is.")
    var offline = false

    @OptionGroup var place: Place

    func run() throws {
      WriteSignals.becomeErrors()
      let installer = EngineInstaller(try place.found())
      if offline {
        let missing = installer.missing.map(\.nameAndVersion)
        guard !missing.isEmpty else { return }
        throw failure(.unavailable, "missing: \(missing.joined(separator: ", ")) (sidetone engines install)")
      }
      let waker = Waker()
      let signals = StopSignals(waker: waker)
      do throws(EngineFault) {
        let outcome = try installer.install(
          showsBar: isatty(STDOUT_FILENO) == 1, tell: { tellOnStandardError("sidetone: \($0)") },
          isStopped: { signals.isStopRequested })
        switch outcome {
        case .complete(let fetched):
          if fetched > 0 { tellOnStandardError("sidetone: the speech engines are installed") }
        case .stopped: throw EnginesCommand.stopped
        }
      } catch {
        throw EnginesCommand.failed(error)
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete the engines.")

    @OptionGroup var place: Place

    func run() throws {
      WriteSignals.becomeErrors()
      let folder = try place.found()
      let waker = Waker()
      let signals = StopSignals(waker: waker)
      do throws(EngineFault) {
        let bytes = try EngineInstaller(folder).remove(
          tell: { tellOnStandardError("sidetone: \($0)") }, isStopped: { signals.isStopRequested })
        guard let bytes else { throw EnginesCommand.stopped }
        tellOnStandardError(
          bytes == 0
            ? "sidetone: there are no speech engines in \(folder.path)"
            : "sidetone: \(bytes / 1_000_000) MB were deleted in \(folder.path)")
      } catch {
        throw EnginesCommand.failed(error)
      }
    }
  }

  private static let stopped = EngineFault(reason: "ended before it was done", remedy: "sidetone engines install")

  private static func failed(_ fault: EngineFault) -> ExitCode {
    failure(.unavailable, "\(fault.reason); what to do: \(fault.remedy)")
  }
}
