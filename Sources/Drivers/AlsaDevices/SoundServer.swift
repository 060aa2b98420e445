import CALSA
import Glibc

/// What takes the sound from ALSA: a sound server, by its plugin's name, or nobody.
///
/// A server has a clock, a buffer and a will of its own: it may suspend a device, move a stream to another, and tells
/// what it has asked for, not what a card has played.
public enum SoundServer: UInt8, Sendable, CaseIterable {
  /// ALSA goes to the card itself, or to a plugin that is no sound server.
  case none
  /// Also where PipeWire answers as PulseAudio does: ALSA's plugin cannot tell them apart.
  case pulseAudio
  case pipeWire
  case jack
  case blueALSA

  /// As its makers write it; nil where there is none.
  public var name: String? {
    switch self {
    case .none: nil
    case .pulseAudio: "PulseAudio"
    case .pipeWire: "PipeWire"
    case .jack: "JACK"
    case .blueALSA: "BlueALSA"
    }
  }

  /// A flush must not begin the stream anew.
  ///
  /// ALSA's plugin for PulseAudio ends the stream at the server and makes another. Between the two the sink has nothing
  /// to play and renders silence as far ahead as it may (a null sink 2 s), which is heard before the new stream is: an
  /// interrupt would cost the beginning of the next answer, or all of it. Without that, 40 ms are heard after a flush.
  var mustKeepStream: Bool { self == .pulseAudio }

  /// By what ALSA says of an open PCM (`snd_pcm_dump`), which names each plugin on the way to the device.
  init(dump: String) {
    self =
      Self.allCases.first { server in
        guard let name = server.name else { return false }
        return dump.contains("ALSA <-> \(name) PCM") || (server == .blueALSA && dump.contains(name))
      } ?? .none
  }

  /// Of an open and configured PCM.
  init(_ handle: OpaquePointer) {
    self = .none
    var output: OpaquePointer?
    guard snd_output_buffer_open(&output) == 0, let output else { return }
    defer { snd_output_close(output) }
    guard snd_pcm_dump(handle, output) == 0 else { return }
    var text: UnsafeMutablePointer<CChar>?
    let count = snd_output_buffer_string(output, &text)
    guard let text, count > 0 else { return }
    self = SoundServer(
      dump: String(decoding: UnsafeRawBufferPointer(start: text, count: min(Int(count), 65_536)), as: UTF8.self))
  }
}
