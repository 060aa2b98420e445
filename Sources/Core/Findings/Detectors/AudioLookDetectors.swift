import Audio
import Timeline
import Wire

/// What a rule about the looks of audio looks for.
protocol AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool
}

/// The agent's bytes, or ours, look like something that was not declared, or cannot be played. Said once.
struct Looks<Look: AudioLook>: Detector {
  static var interests: Interests { [.audioReceived, .audioSent, .playoutChange] }
  /// The last audio message of the server.
  private var last: Int?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    let discoveries = (read.arrival?.discoveries ?? []) + read.discoveries
    if read.message?.way == .toClient { last = read.index }
    guard let shown = discoveries.first(where: Look.matches) else { return nil }
    if let payload = read.audio {
      return Evidence([read.index], detail(shown, payload))
    }
    return Evidence([last, read.index], detail(shown, nil))
  }

  private func detail(_ discovery: AudioLength.Discovery, _ payload: AudioPayload?) -> String {
    let declared = payload?.format.map { "\"\($0.prefix(40))\"" } ?? "nothing"
    let size = payload.map { ", \($0.bytes.count) bytes" } ?? ""
    return switch discovery {
    case .looksLike(let format): "the bytes look like \(format.rawValue); \(declared) was declared\(size)"
    case .unplayable("noise"): "loud and random in every reading that is known here; \(declared) was declared\(size)"
    case .unplayable(let name): "\(name)\(size)"
    case .unknownName(let name): "\"\(name)\" was declared"
    }
  }
}

extension AudioLength.Discovery {
  fileprivate func isOne(of formats: Set<AudioFormat>) -> Bool {
    if case .looksLike(let format) = self { formats.contains(format) } else { false }
  }
}

enum FloatLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool {
    discovery.isOne(of: [.float32, .float32BE, .float64, .float64BE])
  }
}
enum MuLawLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool { discovery.isOne(of: [.mulaw]) }
}
enum ALawLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool { discovery.isOne(of: [.alaw]) }
}
enum BigEndianLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool { discovery.isOne(of: [.pcm16BE]) }
}
/// Other widths than what was declared, 16 bits among them.
enum WidthLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool {
    discovery.isOne(of: [.pcm8, .pcm8Signed, .pcm16, .pcm24, .pcm24BE, .pcm32, .pcm32BE])
  }
}
enum OpusLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool { discovery.isOne(of: [.opus]) }
}
enum NoiseLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool { discovery == .unplayable("noise") }
}
enum UnplayableLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool {
    if case .unplayable(let name) = discovery { name != "noise" } else { false }
  }
}
enum UnknownNameLook: AudioLook {
  static func matches(_ discovery: AudioLength.Discovery) -> Bool {
    if case .unknownName = discovery { true } else { false }
  }
}
