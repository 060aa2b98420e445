import Audio
import AudioDevices

extension AudioBackend {
  /// Sound cards, and sound servers by their plugins.
  public static let alsa = AudioBackend(
    .alsa, input: { Microphone(name: $0.argument, rate: $0.rate, events: $0.events, wake: $0.wake) },
    output: { Speaker(name: $0.argument, rate: $0.rate, events: $0.events, wake: $0.wake) },
    survey: {
      let path = AudioDeviceList.defaultPath()
      return AudioSurvey(
        devices: AudioDeviceList.all(), noCard: AudioDeviceList.noCard,
        path: path.map { AudioSurvey.Path(server: $0.server.name, latencyMs: $0.latencyMs) })
    })
}
