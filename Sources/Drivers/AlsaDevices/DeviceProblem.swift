import Audio
import CALSA
import Glibc
import Timeline

/// Why a device could not be opened or was lost, in words for the operator.
struct DeviceProblem: Error, Equatable {
  let trouble: DeviceTrouble
  var text: String { trouble.text }
  var remedy: String { trouble.remedy }

  /// The device's clock is not real: it takes or gives samples as fast as it is asked.
  static let isNotPaced: Int32 = -EPROTO
  /// The device stood still without an error.
  static let hasStalled: Int32 = -ETIMEDOUT
  /// A sound server's stream does not come back: the server has ended.
  static let hasEnded: Int32 = -EPIPE

  /// The server's sink takes more at once than the device holds.
  static let holdsTooLittle: Int32 = -EMSGSIZE

  /// - Parameters:
  ///   - error: negative, as ALSA returns it.
  ///   - step: what was tried, as in `open`; `run` of a device that was open.
  ///   - server: what was behind the open device.
  init(_ error: Int32, step: String, name: String, role: DeviceChange.Role, server: SoundServer = .none) {
    trouble = Self.trouble(error, step: step, name: name, role: role, server: server)
  }

  private static func trouble(
    _ error: Int32, step: String, name: String, role: DeviceChange.Role, server: SoundServer
  ) -> DeviceTrouble {
    let standIn =
      role == .mic
      ? "speak by typing, or give --input file:PATH" : "give --output file:PATH or --output null to do without"
    let device = "audio device \"\(name)\""
    if let server = server.name, error != Self.isNotPaced {
      let kind = role == .mic ? "source" : "sink"
      let stands = error == Self.hasStalled
      let text = "\(device)\(stands ? " stands still at \(server)" : ": \(server) has ended its stream")"
      let remedy =
        stands
        ? "its \(kind) is suspended or gone: resume it, or choose another as the default (pactl suspend-\(kind) NAME 0, "
          + "pactl set-default-\(kind) NAME); it goes on by itself then"
        : "if the sound server has ended, start it again (systemctl --user start pipewire, or pulseaudio --start); it is "
          + "looked for every second; or \(standIn)"
      return DeviceTrouble(text: text, remedy: remedy)
    }
    let text: String
    let remedy: String
    var isWorthRetrying = true
    switch -error {
    case ENOENT where AudioDeviceList.isForbidden:
      text = "\(device): no permission to use /dev/snd"
      remedy = "add yourself to its group (sudo usermod -aG audio \"$USER\") and log in again; or \(standIn)"
    case ENOENT where !AudioDeviceList.hasCard && name == "default":
      text = "no sound card on this machine"
      remedy = "\(standIn); in a container, pass /dev/snd through (--device /dev/snd)"
    case ENOENT, ENXIO:
      text = "there is no \(device)"
      remedy = "sidetone doctor lists what there is; or \(standIn)"
    case ENODEV:
      text = "\(device) has vanished"
      remedy = "plug it in again: it is looked for every second"
    case EBUSY:
      text = "\(device) is in use by another program"
      remedy = "close that program (fuser -v /dev/snd/* names it): it is tried again every second; or \(standIn)"
    case EACCES, EPERM:
      text = "\(device): no permission"
      remedy =
        "add yourself to the group of /dev/snd (sudo usermod -aG audio \"$USER\") and log in again; or \(standIn)"
    case ECONNREFUSED, EHOSTDOWN:
      text = "\(device): its sound server does not answer"
      remedy = "start PipeWire or PulseAudio, or name a card directly (sidetone doctor lists them)"
    case EINVAL where step != "open":
      text = "\(device) has no format that can be used (16 or 32 bit, any rate): \(step) was refused"
      remedy = "name it as plughw:… instead of hw:…, or choose another (sidetone doctor lists them)"
      isWorthRetrying = false
    case EPROTO:
      text = "\(device) does not keep time, as ALSA's null and file devices do not"
      remedy = role == .mic ? "give --input silence or --input file:PATH" : "give --output null or --output file:PATH"
      isWorthRetrying = false
    case ETIMEDOUT:
      text = "\(device) stands still"
      remedy = "it is opened again every second; unplug it and plug it in if that does not help"
    case ESTRPIPE:
      text = "\(device) was suspended"
      remedy = "it is opened again every second"
    default:
      text = "\(device): \(step) failed: \(String(cString: snd_strerror(error)))"
      remedy = "sidetone doctor shows what can be opened; or \(standIn)"
    }
    return DeviceTrouble(text: text, remedy: remedy, isWorthRetrying: isWorthRetrying)
  }
}
