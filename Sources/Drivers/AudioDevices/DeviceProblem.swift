import CALSA
import Glibc
import Timeline

/// Why a device could not be opened or was lost, in words for the operator.
struct DeviceProblem: Error, Equatable {
  var text: String
  var remedy: String
  /// False when looking again cannot help.
  var isWorthRetrying = true

  /// The device's clock is not real: it takes or gives samples as fast as it is asked.
  static let isNotPaced: Int32 = -EPROTO
  /// The device stood still without an error.
  static let hasStalled: Int32 = -ETIMEDOUT

  /// - Parameters:
  ///   - error: negative, as ALSA returns it.
  ///   - step: what was tried, as in `open`.
  init(_ error: Int32, step: String, name: String, role: DeviceChange.Role) {
    let standIn =
      role == .mic
      ? "speak by typing, or give --input file:PATH" : "give --output file:PATH or --output null to do without"
    let device = "audio device \"\(name)\""
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
  }
}
