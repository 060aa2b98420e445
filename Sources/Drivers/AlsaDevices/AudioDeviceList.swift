import AudioDevices
import CALSA
import Glibc
import Threads
import Timeline

/// The audio devices of this machine, for `sidetone doctor`.
public enum AudioDeviceList {
  /// Plugins that alsa-lib lists although there is nothing behind them, or that must not be touched: libjack writes to
  /// the terminal.
  private static let hidden = [
    "null", "jack", "oss", "lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix", "hw", "plughw", "dmix",
    "dsnoop", "usbstream", "default", "sysdefault", "front", "rear", "center_lfe", "side", "surround21", "surround40",
    "surround41", "surround50", "surround51", "surround71", "iec958", "spdif", "hdmi", "modem", "phoneline", "a52",
  ]

  /// Everything there is: `default`, each card's devices, then what the configuration names. Tries to open the first
  /// two kinds, which takes milliseconds and makes no sound. Empty of cards when there is none: see `noCard`.
  public static func all() -> [AudioDevice] {
    _ = PCM.silenceLibrary
    var devices: [AudioDevice] = []
    for role: DeviceChange.Role in [.mic, .speaker] {
      devices.append(probe("default", text: "what --input mic and --output speaker use", role))
      devices += cardDevices(role)
    }
    return devices + configured()
  }

  /// What to say when there is no card; nil when there is one.
  public static var noCard: (text: String, remedy: String)? {
    _ = PCM.silenceLibrary
    if hasCard { return nil }
    let problem = DeviceProblem(-ENOENT, step: "open", name: "default", role: .mic)
    return (problem.text, problem.remedy)
  }

  /// How sound gets from here to the default speaker.
  public struct Path: Sendable, Equatable {
    public var server: SoundServer
    /// From handing a sample over to hearing it, as ALSA tells, with the buffers that a session uses: milliseconds; nil
    /// when the device did not move while it was looked at.
    public var latencyMs: Double?

    public init(server: SoundServer, latencyMs: Double?) {
      self.server = server
      self.latencyMs = latencyMs
    }
  }

  /// Opens the default speaker as a session does and plays silence to it for 200 ms from its first movement on; nil
  /// where it cannot be opened. Blocks: for 2.7 s at most.
  public static func defaultPath() -> Path? {
    let waker = Waker()
    let request = PCMRequest(name: nil, role: .speaker, rate: 16_000)
    guard let pcm = try? PCM.open(request, waker: waker.fileDescriptor) else { return nil }
    defer { pcm.close() }
    return Path(server: pcm.server, latencyMs: latencyMs(of: pcm))
  }

  private static func latencyMs(of pcm: PCM) -> Double? {
    guard snd_pcm_prepare(pcm.handle) >= 0 else { return nil }
    while case let taken = pcm.writeMono(pcm.period, from: 0), taken > 0 {}
    guard snd_pcm_start(pcm.handle) >= 0 else { return nil }
    defer { snd_pcm_drop(pcm.handle) }
    // The device plays on between the two readings: the largest is true.
    var longest: Int?
    // A card moves within a period, a server's sink when it has played what it rendered ahead: 2 s at most.
    var end = monotonicNanoseconds() + (pcm.server == .none ? 300_000_000 : 2_500_000_000)
    while monotonicNanoseconds() < end {
      pcm.wait(milliseconds: 20)
      guard let available = Optional(pcm.available()), available >= 0 else { break }
      guard available > 0 else { continue }
      end = longest == nil ? monotonicNanoseconds() + 200_000_000 : end
      _ = pcm.writeMono(min(available, pcm.period), from: 0)
      var delay = 0
      if snd_pcm_delay(pcm.handle, &delay) >= 0, delay > 0 { longest = max(longest ?? 0, delay) }
    }
    return longest.map { Double($0) * 1000 / Double(pcm.rate) }
  }

  static var hasCard: Bool {
    var card: Int32 = -1
    return snd_card_next(&card) == 0 && card >= 0
  }

  /// Cards are there, but not for this user: alsa-lib says "no such device" then.
  static var isForbidden: Bool {
    (0..<32).contains { card in
      let path = "/dev/snd/controlC\(card)"
      return access(path, F_OK) == 0 && access(path, R_OK | W_OK) != 0
    }
  }

  private static func cardDevices(_ role: DeviceChange.Role) -> [AudioDevice] {
    var devices: [AudioDevice] = []
    var card: Int32 = -1
    while snd_card_next(&card) == 0, card >= 0 {
      var control: OpaquePointer?
      guard snd_ctl_open(&control, "hw:\(card)", SND_CTL_NONBLOCK) == 0 else { continue }
      defer { snd_ctl_close(control) }
      var number: Int32 = -1
      while snd_ctl_pcm_next_device(control, &number) == 0, number >= 0 {
        guard let text = describe(control, card, number, role) else { continue }
        devices.append(probe("plughw:\(card),\(number)", text: text, role))
      }
    }
    return devices
  }

  /// As in `USB Headset: USB Audio`; nil when the device does not go this way.
  private static func describe(
    _ control: OpaquePointer?, _ card: Int32, _ number: Int32, _ role: DeviceChange.Role
  ) -> String? {
    var info: OpaquePointer?
    guard snd_pcm_info_malloc(&info) == 0 else { return nil }
    defer { snd_pcm_info_free(info) }
    snd_pcm_info_set_device(info, UInt32(number))
    snd_pcm_info_set_subdevice(info, 0)
    snd_pcm_info_set_stream(info, role == .mic ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK)
    guard snd_ctl_pcm_info(control, info) == 0 else { return nil }
    var cardName: UnsafeMutablePointer<CChar>?
    defer { free(cardName) }
    let device = snd_pcm_info_get_name(info).map { String(cString: $0) } ?? "device \(number)"
    guard snd_card_get_name(card, &cardName) == 0, let cardName else { return device }
    return "\(String(cString: cardName)): \(device)"
  }

  private static func probe(_ name: String, text: String, _ role: DeviceChange.Role) -> AudioDevice {
    var handle: OpaquePointer?
    let stream = role == .mic ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
    let error = snd_pcm_open(&handle, name, stream, SND_PCM_NONBLOCK)
    if error == 0 {
      snd_pcm_close(handle)
      return AudioDevice(name: name, text: text, role: role, state: .usable)
    }
    let problem = DeviceProblem(error, step: "open", name: name, role: role)
    return AudioDevice(name: name, text: text, role: role, state: .unusable(text: problem.text, remedy: problem.remedy))
  }

  /// What the configuration names besides: sound servers, and what the user wrote.
  private static func configured() -> [AudioDevice] {
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
    defer { snd_device_name_free_hint(hints) }
    var devices: [AudioDevice] = []
    var next = hints
    while let hint = next.pointee {
      defer { next += 1 }
      guard let name = value(hint, "NAME"),
        !hidden.contains(String(name.prefix { $0 != ":" }))
      else { continue }
      let text = value(hint, "DESC")?.split(separator: "\n").joined(separator: ", ") ?? ""
      let direction = value(hint, "IOID")
      for (role, only) in [(DeviceChange.Role.mic, "Input"), (.speaker, "Output")]
      where direction == nil || direction == only {
        devices.append(AudioDevice(name: name, text: text, role: role, state: .notTried))
      }
    }
    return devices
  }

  private static func value(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
    guard let text = snd_device_name_get_hint(hint, key) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}
