import Foundation
import Speech
import TestKit

// The speech row: what is understood, when, at what cost, with the engines that serve and those that serve without them.
//
//   SpeechLoading   load times and memory of the engines            first: the process has nothing else in it
//   SpeechErrors    words wrong on recordings of people             as fast as it goes
//   SpeechNoises    false starts of the detectors                   as fast as it goes
//   SpeechDelays    interims, finals and processor time             in real time
//   SpeechVoices    first audio by voice

/// Hearing people and speaking, with the real engines, beside PocketSphinx, sphinxbase's detector and flite.
enum SpeechBenchmark {
  /// Runs it in a process of its own: its memory is a figure, and its engines are those of `.build/engines`, which the
  /// other benchmarks do without.
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/proc/self/exe")
    process.arguments = ["--speech-figures"] + (settings.isQuick ? ["--quick"] : [])
    process.environment = ProcessInfo.processInfo.environment
    if let path = TestEngines.path { process.environment?["SIDETONE_ENGINES"] = path }
    process.standardOutput = output
    try process.run()
    let json = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchmarkFailure("its process has ended with \(process.terminationStatus)")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode([Figure].self, from: json)
  }

  /// The figures as JSON on standard output, for `run`.
  static func printFigures(_ settings: BenchmarkSettings) throws {
    let figures = try measure(settings)
    let encoder = JSONEncoder()
    // Nothing was measured: not a number.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    FileHandle.standardOutput.write(try encoder.encode(figures))
    // A process that ends while it opens a library may crash.
    Voice.finishPreparing()
    HearingEngines.shared.finishLoading()
  }

  private static func measure(_ settings: BenchmarkSettings) throws -> [Figure] {
    if let fault = HearingChoice().fault ?? Voice.all[0].fault {
      progress(
        "speech: without the engines, so only PocketSphinx, sphinxbase's detector and flite are measured "
          + "(\(fault.reason)); `make bench` fetches them into .build/engines")
    }
    var figures = try SpeechLoading.figures()
    progress("  false starts on noises")
    figures += try SpeechNoises.figures(settings)
    progress("  first audio by voice")
    figures += try SpeechVoices.figures(settings)
    if let best, !settings.isQuick { figures += try SpeechVoices.understood(by: best) }
    if Unpacked.has("recordings") {
      let clips = try SpokenClip.chosen(settings)
      figures += try SpeechDelays.figures(clips, settings)
      figures += try SpeechErrors.figures(clips)
    } else {
      progress(
        "speech: without recordings of people, so word errors and delays are not measured; `make test-deps` brings them"
      )
    }
    figures += SpeechLoading.figuresAtTheEnd()
    return figures
  }

  /// Whether each word error and each delay is told: `SIDETONE_BENCH_DETAILS=1`.
  static var tellsDetails: Bool { ProcessInfo.processInfo.environment["SIDETONE_BENCH_DETAILS"] != nil }

  /// Moonshine with Silero; nil where an engine is missing.
  static var best: HearingChoice? {
    HearingChoice().fault == nil ? HearingChoice(recognizer: .moonshine, detector: .silero) : nil
  }
  /// What serves without the engines.
  static let plain = HearingChoice(recognizer: .pocketsphinx, detector: .sphinx)
}
