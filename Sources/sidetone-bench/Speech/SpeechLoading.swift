import Glibc
import Speech
import Threads

/// How long the engines take to load, and what they take of memory, in this process alone.
enum SpeechLoading {
  static func figures() throws -> [Figure] {
    var figures: [Figure] = []
    let start = ProcessFigures.resident(getpid())
    if let best = SpeechBenchmark.best {
      let hearing = milliseconds {
        best.resolved().prepare()
        HearingEngines.shared.finishLoading()
      }
      let detector = try milliseconds { _ = try DetectorCard.all[0].makeDetector() }
      let voice = milliseconds {
        Voice.all[0].prepare()
        Voice.finishPreparing()
      }
      let end = ProcessFigures.resident(getpid())
      figures = [
        Figure("Moonshine loads", "ms", [hearing]), Figure("  Silero", "ms", [detector]),
        Figure("  Piper with joe", "ms", [voice]),
        Figure("memory that the three add, loaded", "MB", [end.all - start.all]),
        Figure("  of that, own and not of files", "MB", [end.own - start.own]),
      ]
    }
    let before = ProcessFigures.resident(getpid())
    let decoder = try milliseconds {
      SpeechModels.shared.prepare()
      try waitUntil("PocketSphinx to load") { SpeechModels.shared.state != .loading }
    }
    guard SpeechModels.shared.state == .ready else {
      throw BenchmarkFailure("PocketSphinx: \(SpeechModels.shared.state)")
    }
    let after = ProcessFigures.resident(getpid())
    return figures + [
      Figure("PocketSphinx loads", "ms", [decoder]), Figure("  memory that it adds", "MB", [after.all - before.all]),
    ]
  }

  static func figuresAtTheEnd() -> [Figure] {
    let end = ProcessFigures.resident(getpid())
    return [Figure("all of this process after all of the above", "MB", [end.all])]
  }
}
