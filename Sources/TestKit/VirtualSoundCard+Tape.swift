import Foundation

extension VirtualSoundCard {
  /// One side of the card.
  public enum Side: String, Sendable {
    case microphone, speaker
  }

  /// A stretch of sound on a tape, in nanoseconds on CLOCK_MONOTONIC: from the beginning of its first loud frame to the
  /// end of its last one.
  public struct Sound: Sendable, Equatable {
    public var begin: Int64
    public var end: Int64
    /// How long it lasts, in milliseconds.
    public var milliseconds: Double { Double(end - begin) / 1e6 }
  }

  /// What went through one side, with the moment of every frame: a witness that knows nothing of the program.
  public struct Tape: Sendable {
    /// Silence included.
    public let frames: [Int16]
    /// Where the card was started, in order: the frame, and its moment.
    fileprivate let takes: [(frame: Int, nanoseconds: Int64)]
    fileprivate let nanosecondsPerFrame: Double

    /// Stretches of sound.
    /// - Parameters:
    ///   - level: what is loud.
    ///   - pause: a shorter silence does not end a stretch, in milliseconds.
    public func sounds(above level: Int16 = 50, pause: Double) -> [Sound] {
      var found: [Sound] = []
      for (take, next) in zip(takes, takes.dropFirst().map(\.frame) + [frames.count]) {
        func moment(_ frame: Int) -> Int64 {
          take.nanoseconds + Int64((Double(frame - take.frame) * nanosecondsPerFrame).rounded())
        }
        for i in take.frame..<min(max(next, take.frame), frames.count) where frames[i].magnitude > level.magnitude {
          if let last = found.last, Double(moment(i) - last.end) < pause * 1e6 {
            found[found.count - 1].end = moment(i + 1)
          } else {
            found.append(Sound(begin: moment(i), end: moment(i + 1)))
          }
        }
      }
      return found
    }
  }

  /// What was recorded of one side, of a card with one channel of 16 bit. To be asked for when the program has ended: a
  /// frame is on the tape once the card was asked how far it is.
  ///
  /// A frame of the microphone is as old as its place in the stream says; one of the speaker is heard when the card's
  /// clock has come to it and its latency has passed.
  public func tape(_ side: Side) throws -> Tape {
    let latency = side == .speaker ? Int64(options.latencyMs) * 1_000_000 : 0
    let journal = try String(contentsOfFile: journalPath, encoding: .utf8)
    var takes: [(frame: Int, nanoseconds: Int64)] = []
    for line in journal.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 3, fields[0] == side.rawValue, let moment = Int64(fields[1]), let frame = Int(fields[2])
      else { continue }
      takes.append((frame, moment + latency))
    }
    let rate = Double(options.rate ?? 16_000) * (1 + Double(options.driftPPM) * 1e-6)
    return Tape(
      frames: try frames(in: side == .speaker ? speakerPath : heardPath), takes: takes, nanosecondsPerFrame: 1e9 / rate)
  }
}
