import Foundation
import Synchronization

/// An ear outside the program: all that came out of a sink since it was made, as 16-bit frames at 16 kHz.
public final class SoundServerEar: Sendable {
  /// Frames a second.
  public static let rate = 16_000
  private let file: String
  private let tool: ChildProcess
  private let clock: EarClock

  init(file: String, tool: ChildProcess) {
    self.file = file
    self.tool = tool
    clock = EarClock(file: file)
  }

  deinit {
    clock.stop()
    tool.kill()
  }

  /// When a frame was heard: nanoseconds on CLOCK_MONOTONIC, up to 20 ms late, because the server hands out portions.
  public func moment(of frame: Int) -> Int64 { clock.origin + Int64(frame) * EarClock.frameNanoseconds }

  /// Frames heard so far.
  public var count: Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return ((attributes?[.size] as? Int) ?? 0) / 2
  }

  /// What was heard from a frame on.
  public func frames(from start: Int = 0) -> [Int16] {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: file)) else { return [] }
    let all = [Int16](unsafeUninitializedCapacity: data.count / 2) { buffer, count in
      count = data.copyBytes(to: UnsafeMutableBufferPointer(rebasing: buffer[..<(data.count / 2)])) / 2
    }
    return Array(all.dropFirst(start))
  }

  /// The place after the last frame that is louder than -54 dBFS; 0 when there is none.
  public var lastSound: Int { (frames().lastIndex { abs(Int($0)) > 64 } ?? -1) + 1 }
}

/// When an ear's first frame was heard. No frame is there before its time, so the earliest that any of them says is true.
private final class EarClock: Sendable {
  static let frameNanoseconds: Int64 = 1_000_000_000 / Int64(SoundServerEar.rate)
  private let earliest = Atomic<Int64>(.max)
  private let isStopped = Atomic<Bool>(false)
  var origin: Int64 { earliest.load(ordering: .relaxed) }

  init(file: String) {
    Thread.detachNewThread { [self] in
      while !isStopped.load(ordering: .relaxed) {
        var status = stat()
        if stat(file, &status) == 0, status.st_size > 0 {
          var time = timespec()
          clock_gettime(CLOCK_MONOTONIC, &time)
          let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
          let origin = now - Int64(status.st_size / 2) * Self.frameNanoseconds
          earliest.store(min(origin, earliest.load(ordering: .relaxed)), ordering: .relaxed)
        }
        Thread.sleep(forTimeInterval: 0.005)
      }
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }
}

extension SoundServerEar {
  /// A stretch of sound, in frames since the ear was made.
  public struct Sound: Sendable, CustomStringConvertible {
    public var range: Range<Int>
    /// Of it, the frames that are no hole of 2 ms or more.
    public var loudCount: Int
    public var loudMs: Double { Double(loudCount) * 1000 / Double(SoundServerEar.rate) }
    public var holesMs: Double { Double(range.count - loudCount) * 1000 / Double(SoundServerEar.rate) }
    public var description: String { "\(range) \(loudMs) ms + \(holesMs) ms of holes" }
  }

  /// Stretches of sound above -30 dBFS.
  /// - Parameters:
  ///   - start: the first frame that counts.
  ///   - pauseMs: a shorter pause does not end one.
  public func sounds(from start: Int = 0, pauseMs: Int = 300) -> [Sound] {
    let (pause, hole) = (pauseMs * Self.rate / 1000, Self.rate / 500)
    var found: [Sound] = []
    for (i, sample) in frames(from: start).enumerated() where sample.magnitude > 1_000 {
      let frame = start + i
      if let last = found.last, frame - last.range.upperBound < pause {
        let gap = frame - last.range.upperBound
        found[found.count - 1].loudCount += gap < hole ? gap + 1 : 1
        found[found.count - 1].range = last.range.lowerBound..<frame + 1
      } else {
        found.append(Sound(range: frame..<frame + 1, loudCount: 1))
      }
    }
    return found
  }
}
