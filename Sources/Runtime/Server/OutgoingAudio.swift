import Agent
import Audio
import AudioCodecs

/// The agent's audio on its way to one client, in the form that was in force when the response began.
struct OutgoingAudio {
  /// The bytes of messages, in order, and their form.
  struct Encoded {
    var messages: [[UInt8]] = []
    var form: AudioForm
  }

  /// How speech is coded as Opus.
  let opus: OpusSettings
  private var current: (form: AudioForm, encoder: any AudioEncoder)?

  init(opus: OpusSettings) { self.opus = opus }

  /// The codings that can be made here.
  /// - Parameter rate: samples a second.
  static func codings(rate: Int) -> [AudioForm.Coding] {
    AudioForm.Coding.allCases.filter { AudioEncoders.make($0.format, rate: rate) != nil }
  }

  /// Encodes the next piece of the response.
  /// - Parameters:
  ///   - pcm: 16-bit little-endian samples.
  ///   - form: of a response that begins.
  mutating func encode(_ pcm: [UInt8], rate: Int, beginningAs form: AudioForm) -> Encoded {
    let running = current ?? AudioEncoders.make(form.coding.format, rate: rate, opus: opus).map { (form, $0) }
    current = running
    guard let running else { return Encoded(form: form) }
    return Encoded(messages: running.encoder.encode(pcm), form: running.form)
  }

  /// The response is over: what the encoder had held back.
  mutating func finish() -> Encoded? {
    guard let running = current else { return nil }
    current = nil
    return Encoded(messages: running.encoder.finish(), form: running.form)
  }

  /// The response was cut.
  mutating func drop() { current = nil }
}
