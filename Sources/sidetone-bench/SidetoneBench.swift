import ArgumentParser
import Threads

// sidetone-bench: what the program costs, as ratios against a budget or against a peer measured in the same run.
//
//   response, interrupt ─► VoiceServer + SessionLoop in process, and the real program on a virtual sound card
//   cpu, keys, slowlink, start, memory ─► the real program on a pseudo-terminal: its own process, its own bill
//   speech ─► recognizers, voice detectors and voices in a process of their own, on recordings of people
//   clients ─► many clients of VoiceServer in a process of its own, with providers that take no time
//   messages, insight, frames, log, captures, echo ─► one part in a loop, beside a peer that does the same with less

/// Runs the benchmarks and prints one table.
@main
struct SidetoneBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sidetone-bench",
    abstract: "Measures what sidetone costs, against its budgets and against peers.",
    discussion: """
      Each figure is the median of several runs, with the range in which the runs lay; a wide range means that the \
      machine was busy with something else, and then the figure says little. Ratios hold better than figures.

      Exit code 1: a budget was missed, or a benchmark could not be run.
      """)

  @Option(help: "Only these, by name (repeat it for several).")
  var only: [BenchmarkName] = []

  @Option(help: "The program to measure. Default: sidetone beside this one.")
  var program: String?

  @Flag(help: "Fewer runs: a few minutes become one, and the figures rougher.")
  var quick = false

  /// This is the process that `SpeechBenchmark` has started.
  @Flag(help: .hidden)
  var speechFigures = false

  /// This is the server that `ClientsBenchmark` has started, for so many clients.
  @Option(help: .hidden)
  var clientsServer: Int?

  func run() throws {
    if let clientsServer { return try CannedPipeline.serve(clients: clientsServer) }
    let settings = BenchmarkSettings(program: program ?? BenchmarkSettings.besideThisOne, isQuick: quick)
    if speechFigures { return try SpeechBenchmark.printFigures(settings) }
    var table = FigureTable()
    var hasFailed = false
    for name in BenchmarkName.allCases where only.isEmpty || only.contains(name) {
      progress("\(name.rawValue) …")
      do {
        table.add(try name.run(settings), of: name.rawValue)
      } catch {
        // The others are worth having all the same.
        progress("\(name.rawValue) failed: \(error)")
        hasFailed = true
      }
    }
    print(table.text)
    if hasFailed || table.hasMissedBudget { throw ExitCode(1) }
  }
}

/// The benchmarks, in the order in which they run.
enum BenchmarkName: String, CaseIterable, ExpressibleByArgument {
  case response, speech, interrupt, cpu, keys, slowlink, start, memory, messages, insight, frames, log, captures, echo,
    clients

  func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    switch self {
    case .response: try ResponseBenchmark.run(settings)
    case .speech: try SpeechBenchmark.run(settings)
    case .interrupt: try InterruptBenchmark.run(settings)
    case .cpu: try ProcessorBenchmark.run(settings)
    case .keys: try KeyBenchmark.run(settings)
    case .slowlink: try SlowLinkBenchmark.run(settings)
    case .start: try StartBenchmark.run(settings)
    case .memory: try MemoryBenchmark.run(settings)
    case .messages: try MessageBenchmark.run(settings)
    case .insight: try InsightBenchmark.run(settings)
    case .frames: try FrameBenchmark.run(settings)
    case .log: try LogBenchmark.run(settings)
    case .captures: try CaptureBenchmark.run(settings)
    case .echo: try EchoBenchmark.run(settings)
    case .clients: try ClientsBenchmark.run(settings)
    }
  }
}
