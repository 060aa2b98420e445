import CALSA
import CLinux
import Glibc
import Timeline

/// Which device is wanted, and how.
struct PCMRequest: Sendable {
  /// ALSA's name for it, as in `default`, `plughw:1,0` or one from `asound.conf`.
  var name: String
  var role: DeviceChange.Role
  /// Samples a second, if the device has that rate.
  var rate: Int
  /// What a speaker shall hold, in periods of 10 ms: as short as a thread without real-time priority can serve.
  private(set) var playbackPeriods = 4

  var canBeLonger: Bool { playbackPeriods < 32 }

  /// Twice as much, up to 320 ms.
  mutating func lengthen() { if canBeLonger { playbackPeriods *= 2 } }

  init(name: String?, role: DeviceChange.Role, rate: Int) {
    let name = name ?? "default"
    // `hw` has only the card's own formats; `plughw` is the same card with conversion of what is cheap and exact.
    self.name = name.hasPrefix("hw:") ? "plug\(name)" : name
    self.role = role
    self.rate = rate
  }
}

extension PCM {
  /// alsa-lib writes to stderr by default, which would ruin the screen. Once for the process.
  static let silenceLibrary: Void = { _ = calsa_silence() }()

  /// Lets the next `open` read ALSA's configuration anew, with the cards that are there now. Open devices keep theirs.
  static func forgetConfiguration() { _ = snd_config_update_free_global() }

  /// How long a period lasts, and how many of them a microphone holds: it has room for a late thread.
  private static let periodMs = 10
  private static let capturePeriods = 20

  /// Opens and configures the device; it is not running yet. May block for seconds when a sound server is behind it.
  /// - Parameter waker: a descriptor to be waited for beside the device's.
  static func open(_ request: PCMRequest, waker: Int32) throws(DeviceProblem) -> PCM {
    _ = silenceLibrary
    func check(_ error: Int32, _ step: String) throws(DeviceProblem) {
      if error < 0 { throw DeviceProblem(error, step: step, name: request.name, role: request.role) }
    }
    let isPlayback = request.role == .speaker
    var opened: OpaquePointer?
    try check(
      snd_pcm_open(
        &opened, request.name, isPlayback ? SND_PCM_STREAM_PLAYBACK : SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK),
      "open")
    guard let handle = opened else {
      throw DeviceProblem(-ENODEV, step: "open", name: request.name, role: request.role)
    }
    do {
      let shape = try configure(handle, request, check)
      try setThresholds(handle, shape, check)
      let count = Int(max(0, snd_pcm_poll_descriptors_count(handle)))
      let polls = UnsafeMutableBufferPointer<pollfd>.allocate(capacity: count + 1)
      polls.initialize(repeating: pollfd(fd: waker, events: Int16(POLLIN), revents: 0))
      snd_pcm_poll_descriptors(handle, polls.baseAddress, UInt32(count))
      let mono = UnsafeMutableBufferPointer<Int16>.allocate(capacity: shape.period)
      mono.initialize(repeating: 0)
      return PCM(
        handle: handle, isPlayback: isPlayback, server: SoundServer(handle), rate: shape.rate,
        channels: shape.channels, sampleBytes: shape.sampleBytes, period: shape.period, buffer: shape.buffer,
        canBeLonger: isPlayback && request.canBeLonger,
        frames: .allocate(byteCount: shape.period * shape.channels * shape.sampleBytes, alignment: 8), mono: mono,
        polls: polls)
    } catch {
      snd_pcm_close(handle)
      throw error
    }
  }

  /// Gives the device and its memory back. Its audio thread must have let go of it.
  func close() {
    snd_pcm_close(handle)
    frames.deallocate()
    mono.deallocate()
    polls.deallocate()
  }

  /// As in `48000 Hz, 2 channels, 16 bit, 10.0 ms periods, 40.0 ms buffer, by PulseAudio`.
  var summary: String {
    func ms(_ frames: Int) -> String { "\((Double(frames) * 10_000 / Double(rate)).rounded() / 10) ms" }
    let width = channels == 1 ? "mono" : "\(channels) channels"
    let by = server.name.map { ", by \($0)" } ?? ""
    return "\(rate) Hz, \(width), \(sampleBytes * 8) bit, \(ms(period)) periods, \(ms(buffer)) buffer\(by)"
  }

  private typealias Shape = (rate: Int, channels: Int, sampleBytes: Int, period: Int, buffer: Int)
  private typealias Check = (Int32, String) throws(DeviceProblem) -> Void

  /// Takes what the device offers nearest to the request: format, channels, rate, period and buffer, in this order.
  private static func configure(
    _ handle: OpaquePointer, _ request: PCMRequest, _ check: Check
  ) throws(DeviceProblem) -> Shape {
    var allocated: OpaquePointer?
    guard snd_pcm_hw_params_malloc(&allocated) == 0, let params = allocated else {
      throw DeviceProblem(-ENOMEM, step: "allocate", name: request.name, role: request.role)
    }
    defer { snd_pcm_hw_params_free(params) }
    try check(snd_pcm_hw_params_any(handle, params), "configure")
    // ALSA's own rate conversion is linear where libasound2-plugins is missing: SINAD 22 dB at 3 kHz. Ours is better.
    snd_pcm_hw_params_set_rate_resample(handle, params, 0)
    try check(snd_pcm_hw_params_set_access(handle, params, SND_PCM_ACCESS_RW_INTERLEAVED), "interleaved access")

    var sampleBytes = 2
    if snd_pcm_hw_params_set_format(handle, params, SND_PCM_FORMAT_S16_LE) < 0 {
      sampleBytes = 4
      try check(snd_pcm_hw_params_set_format(handle, params, SND_PCM_FORMAT_S32_LE), "a 16 or 32 bit format")
    }
    var channels: UInt32 = 1
    try check(snd_pcm_hw_params_set_channels_near(handle, params, &channels), "channels")

    let wanted = [request.rate, 48_000, 44_100].first {
      snd_pcm_hw_params_test_rate(handle, params, UInt32($0), 0) == 0
    }
    var rate = UInt32(wanted ?? 48_000)
    try check(snd_pcm_hw_params_set_rate_near(handle, params, &rate, nil), "a rate")

    var period = snd_pcm_uframes_t(Int(rate) * periodMs / 1000)
    try check(snd_pcm_hw_params_set_period_size_near(handle, params, &period, nil), "a period")
    // A mixer may insist on longer periods (dmix: 21 ms): then fewer of them.
    let isLong = Int(period) > Int(rate) * 15 / 1000
    let periods =
      request.role == .mic ? capturePeriods : (isLong ? request.playbackPeriods - 1 : request.playbackPeriods)
    var buffer = period * snd_pcm_uframes_t(periods)
    try check(snd_pcm_hw_params_set_buffer_size_near(handle, params, &buffer), "a buffer")
    try check(snd_pcm_hw_params(handle, params), "these settings")

    try check(snd_pcm_hw_params_get_period_size(params, &period, nil), "a period")
    try check(snd_pcm_hw_params_get_buffer_size(params, &buffer), "a buffer")
    try check(period > 0 && buffer >= 2 * period ? 0 : -EINVAL, "a buffer of two periods")
    return (Int(rate), Int(channels), sampleBytes, Int(period), Int(buffer))
  }

  /// `poll` wakes at each period; the stream is started by hand.
  private static func setThresholds(_ handle: OpaquePointer, _ shape: Shape, _ check: Check) throws(DeviceProblem) {
    var allocated: OpaquePointer?
    try check(snd_pcm_sw_params_malloc(&allocated), "allocate")
    defer { snd_pcm_sw_params_free(allocated) }
    try check(snd_pcm_sw_params_current(handle, allocated), "configure")
    try check(snd_pcm_sw_params_set_avail_min(handle, allocated, snd_pcm_uframes_t(shape.period)), "wake-ups")
    var boundary: snd_pcm_uframes_t = 0
    try check(snd_pcm_sw_params_get_boundary(allocated, &boundary), "configure")
    try check(snd_pcm_sw_params_set_start_threshold(handle, allocated, boundary), "a start by hand")
    try check(snd_pcm_sw_params(handle, allocated), "these settings")
  }
}
