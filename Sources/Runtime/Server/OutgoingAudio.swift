import Agent
import Audio
import AudioCodecs

/// The agent's audio on its way to one client, in the form that was in force when the response began.
struct OutgoingAudio {
  private var current: (form: AudioForm, encoder: any AudioEncoder)?

  /// The codings that can be made here.
  /// - Parameter rate: samples a second.
  static func codings(rate: Int) -> [AudioForm.Coding] {
    AudioForm.Coding.allCases.filter { AudioEncoders.make($0.format, rate: rate) != nil }
  }

  /// Encodes the next piece of the response.
  /// - Parameters:
  ///   - pcm: 16-bit little-endian samples.
  ///   - form: of a response that begins.
  /// - Returns: the bytes of a message, and their form; nil when the encoder waits for more.
  mutating func encode(_ pcm: [UInt8], rate: Int, beginningAs form: AudioForm) -> (bytes: [UInt8], form: AudioForm)? {
    let running = current ?? AudioEncoders.make(form.coding.format, rate: rate).map { (form, $0) }
    current = running
    guard let running else { return nil }
    let bytes = running.encoder.encode(pcm)
    return bytes.isEmpty ? nil : (bytes, running.form)
  }

  /// The response is over: what the encoder had held back.
  mutating func finish() -> (bytes: [UInt8], form: AudioForm)? {
    guard let running = current else { return nil }
    current = nil
    let bytes = running.encoder.finish()
    return bytes.isEmpty ? nil : (bytes, running.form)
  }

  /// The response was cut.
  mutating func drop() { current = nil }
}

extension AudioForm.Coding {
  var format: AudioFormat {
    switch self {
    case .pcm16: .pcm16
    case .wav: .wav
    case .mp3: .mp3
    case .opus: .oggOpus
    }
  }
}
