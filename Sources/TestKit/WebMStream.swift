/// A WebM stream as `MediaRecorder` makes it: its segment and clusters have no length.
public enum WebMStream {
  /// - Parameters:
  ///   - packets: 20 ms each.
  ///   - head: the `OpusHead` of the track.
  ///   - inCluster: packets of one cluster.
  public static func bytes(
    _ packets: [[UInt8]], head: [UInt8], codec: String = "A_OPUS", track: UInt8 = 1, inCluster: Int = 10
  ) -> [UInt8] {
    let unknown: [UInt8] = [0x01] + [UInt8](repeating: 0xFF, count: 7)
    let entry =
      element([0xD7], [track]) + element([0x83], [2]) + element([0x86], Array(codec.utf8))
      + element([0x63, 0xA2], head)
    var bytes = element([0x1A, 0x45, 0xDF, 0xA3], element([0x42, 0x82], Array("webm".utf8)))
    bytes += [0x18, 0x53, 0x80, 0x67] + unknown
    bytes += element([0x15, 0x49, 0xA9, 0x66], element([0x4D, 0x80], Array("test".utf8)))
    bytes += element([0x16, 0x54, 0xAE, 0x6B], element([0xAE], entry))
    for (i, packet) in packets.enumerated() {
      if i % inCluster == 0 {
        bytes += [0x1F, 0x43, 0xB6, 0x75] + unknown + element([0xE7], [UInt8(truncatingIfNeeded: i)])
      }
      let time = UInt16(truncatingIfNeeded: i % inCluster * 20)
      bytes += element([0xA3], [0x80 | track, UInt8(time >> 8), UInt8(time & 0xFF), 0x80] + packet)
    }
    return bytes
  }

  /// - Parameter id: an element's name, as it stands in the stream.
  public static func element(_ id: [UInt8], _ content: [UInt8]) -> [UInt8] {
    id + [0x40 | UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
  }
}
