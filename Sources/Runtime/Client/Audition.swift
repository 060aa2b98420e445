import AudioCodecs
import Timeline
import Wire

/// Recorded audio that the operator wants to hear again: decoded as it was when it arrived, and handed over while the
/// agent is silent. The agent's own voice goes first, and ends it.
struct Audition {
  private var samples: ArraySlice<Int16> = []

  var isEmpty: Bool { samples.isEmpty }

  /// Puts a recording in the place of the one that may still be heard.
  /// - Returns: how long it is, and why some of it could not be decoded.
  mutating func load(_ payloads: [AudioPayload], rate: Int, defaultRate: Int) -> (Duration, problem: String?) {
    let decoder = IncomingAudioDecoder(outputRate: rate)
    var decoded: [Int16] = []
    var problem: String?
    for payload in payloads {
      let piece = decoder.decode(
        payload.bytes, declaredFormat: payload.format, declaredRate: payload.rate, defaultRate: defaultRate)
      decoded += piece.samples
      problem = problem ?? piece.problem
    }
    decoded += decoder.endOfResponse()
    samples = decoded[...]
    return (.samples(decoded.count, rate: rate), problem)
  }

  mutating func stop() { samples = [] }

  /// The next block, shorter at the end.
  mutating func take(_ count: Int) -> [Int16] {
    let block = Array(samples.prefix(count))
    samples = samples.dropFirst(count)
    return block
  }
}
