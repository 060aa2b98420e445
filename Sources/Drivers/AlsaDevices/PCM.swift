import CALSA
import CLinux
import Glibc
import Threads
import Timeline

// AlsaDevices: microphone and speaker by ALSA.
//
//   device ──► Microphone: CaptureLoop ──► SampleRing          device ◄── Speaker: PlaybackLoop ◄── SampleRing
//
//   DeviceKeeper (one more thread per device): opens, looks again, closes, and speaks to `events`, as DeviceUpkeep decides.

/// An open ALSA device with all the memory that its audio thread needs.
///
/// A trivial value: copying it counts no references. `DeviceKeeper` opens and closes it; in between it belongs to the
/// audio thread alone, so alsa-lib's own lock on it is never contended.
struct PCM {
  let handle: OpaquePointer
  let isPlayback: Bool
  /// The sound server that ALSA's device leads to, if any.
  let server: SoundServer
  /// Frames a second, channels, and bytes a sample (2 or 4) as the device takes them.
  let rate: Int
  let channels: Int
  let sampleBytes: Int
  /// Frames.
  let period: Int
  let buffer: Int
  /// It may be asked for a longer buffer.
  let canBeLonger: Bool
  /// `period` frames as the device has them, and as one channel of 16 bit.
  let frames: UnsafeMutableRawPointer
  let mono: UnsafeMutableBufferPointer<Int16>
  /// The device's descriptors, and the audio thread's waker behind them.
  let polls: UnsafeMutableBufferPointer<pollfd>

  /// Sleeps until a period is there, the waker calls, or the time is over. What has happened, `available` says.
  func wait(milliseconds: Int32) {
    guard let descriptors = polls.baseAddress else { return }
    guard poll(descriptors, nfds_t(polls.count), milliseconds) > 0 else { return }
    let last = polls.count - 1
    if descriptors[last].revents != 0 {
      var count: UInt64 = 0
      _ = read(descriptors[last].fd, &count, 8)
    }
    // Not for its result: plugins learn by it that their descriptor was ready.
    var events: UInt16 = 0
    snd_pcm_poll_descriptors_revents(handle, descriptors, UInt32(last), &events)
  }

  /// Frames that can be read or written now, or a negative error. `EPIPE` is an xrun; `ENODEV` and others are the end.
  func available() -> Int {
    let count = snd_pcm_avail(handle)
    guard count >= 0 else { return count }
    switch snd_pcm_state(handle) {
    case SND_PCM_STATE_XRUN: return -Int(EPIPE)
    case SND_PCM_STATE_SUSPENDED: return -Int(ESTRPIPE)
    case SND_PCM_STATE_DISCONNECTED: return -Int(ENODEV)
    default: return count
    }
  }

  /// Reads up to `count` frames (at most `period`) into `mono`: the mean of the channels. Returns frames or an error.
  func readMono(_ count: Int) -> Int {
    let taken = snd_pcm_readi(handle, frames, snd_pcm_uframes_t(min(count, period)))
    guard taken > 0 else { return taken }
    for frame in 0..<taken {
      var sum = 0
      for channel in 0..<channels { sum += sample(frame * channels + channel) }
      mono[frame] = Int16(truncatingIfNeeded: sum / channels)
    }
    return taken
  }

  /// Writes `count` frames of `mono` from `offset` on, the same to each channel. Returns frames taken or an error.
  func writeMono(_ count: Int, from offset: Int) -> Int {
    for frame in 0..<count {
      for channel in 0..<channels { setSample(frame * channels + channel, mono[offset + frame]) }
    }
    return snd_pcm_writei(handle, frames, snd_pcm_uframes_t(count))
  }

  private func sample(_ index: Int) -> Int {
    // 32-bit samples are left-aligned: the upper half is the 16-bit sample.
    sampleBytes == 2
      ? Int(frames.load(fromByteOffset: index * 2, as: Int16.self))
      : Int(frames.load(fromByteOffset: index * 4, as: Int32.self) >> 16)
  }

  private func setSample(_ index: Int, _ value: Int16) {
    if sampleBytes == 2 {
      frames.storeBytes(of: value, toByteOffset: index * 2, as: Int16.self)
    } else {
      frames.storeBytes(of: Int32(value) << 16, toByteOffset: index * 4, as: Int32.self)
    }
  }
}

extension Timestamp {
  /// CLOCK_MONOTONIC: for machines that are fed by one audio thread, and compare its moments with each other alone.
  static var now: Timestamp { Timestamp(nanoseconds: monotonicNanoseconds()) }
}

/// Blocks the calling thread, which need not be woken meanwhile.
func sleep(_ duration: Duration) {
  guard duration > .zero else { return }
  var pause = timespec(tv_sec: 0, tv_nsec: Int(min(duration.nanoseconds, 999_999_999)))
  clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nil)
}
