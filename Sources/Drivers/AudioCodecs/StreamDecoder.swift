import Audio

/// One stream of one format, as it arrives.
protocol StreamDecoder: AnyObject {
  var format: AudioFormat { get }
  /// What the stream says of itself, samples a second; nil until it is known.
  var sourceRate: Int? { get }
  /// Takes the stream's next bytes.
  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress
  /// A whole message has been taken.
  func messageEnded(byteCount: Int, into audio: inout DecodedAudio)
}

extension StreamDecoder {
  func messageEnded(byteCount: Int, into audio: inout DecodedAudio) {}
}

/// How far a stream got with the bytes it was given.
enum StreamProgress {
  /// Took them all.
  case all
  /// Another stream begins: with `held`, kept from these bytes or from earlier ones, and then with what comes after the
  /// first `consumed` of these bytes.
  case ended(held: [UInt8], consumed: Int)
}

/// What a decoder made of a message: mono samples, resampled to one rate.
struct DecodedAudio {
  /// A message may hold a lot more audio than bytes; beyond this the rest is dropped.
  static let maximumDuration: Duration = .seconds(600)

  private(set) var samples: [Int16] = []
  /// What went wrong, in words; of many things the first.
  private(set) var problem: String?
  private var problemCount = 0

  private let output: ResampledOutput

  init(to output: ResampledOutput) { self.output = output }

  var isFull: Bool { .samples(samples.count, rate: output.rate) >= DecodedAudio.maximumDuration }

  mutating func append(_ new: [Int16], rate: Int) { samples += output.resample(new, from: rate) }
  mutating func appendTail() { samples += output.flush() }

  mutating func report(_ text: String) {
    problemCount += 1
    guard problemCount <= 3 else { return }
    problem = problem.map { "\($0); \(text)" } ?? text
  }
}

/// What was wrong with a stream: each kind is told once, and so many kinds at most.
struct ToldProblems {
  private static let limit = 16
  private var told: Set<String> = []

  mutating func tell(_ text: String, into audio: inout DecodedAudio) {
    if told.count < Self.limit, told.insert(text).inserted { audio.report(text) }
  }
}

/// The resampler that fits what is coming in, replaced when the rate changes.
final class ResampledOutput {
  /// Samples a second.
  let rate: Int
  private var resampler: Resampler?

  init(rate: Int) { self.rate = rate }

  func resample(_ samples: [Int16], from: Int) -> [Int16] {
    guard let resampler, resampler.from == from else {
      let tail = flush()
      let fresh = Resampler(from: from, to: rate)
      resampler = fresh
      return tail + fresh.process(samples)
    }
    return resampler.process(samples)
  }

  func flush() -> [Int16] { resampler?.flush() ?? [] }
}
