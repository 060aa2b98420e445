import Audio
import Timeline

/// What was agreed on for the audio of a link, each way; nil: nothing but what everybody takes was ever spoken of.
struct AgreedCodecs: Sendable {
  private(set) var input: WireCodec?
  private(set) var output: WireCodec?
  /// From the end of the response that is being sent.
  private var nextOutput: WireCodec?
  private var isResponding = false

  /// Takes in what a message of a side says, and writes into undeclared audio what it is.
  mutating func note(_ event: inout VoiceEvent, from side: Side) {
    switch event {
    case .audio(var payload):
      if side == .server { isResponding = true }
      guard payload.format == nil, let codec = side == .client ? input : output else { return }
      payload.format = codec.rawValue
      event = .audio(payload)
    case .responseText: isResponding = true
    case .responseComplete, .interrupted:
      isResponding = false
      output = nextOutput ?? output
    case .ready(let ready):
      (input, output, nextOutput, isResponding) = (nil, nil, nil, false)
      agree(ready.inputFormat, ready.outputFormat)
    case .configApplied(let settings):
      let audio = settings["audio"]
      agree(
        audio?["in"]?["format"]?.stringValue, (audio?["out"]?["format"] ?? settings["format"])?.stringValue)
    default: break
    }
  }

  private mutating func agree(_ inputName: String?, _ outputName: String?) {
    // What goes without saying is said only after something else was.
    if let codec = WireCodec(naming: inputName), input != nil || codec != .pcm16 { input = codec }
    if let codec = WireCodec(naming: outputName), output != nil || codec != .pcm16 { nextOutput = codec }
    if !isResponding { output = nextOutput ?? output }
  }
}
