import Engines

/// Calls a function of a C shim that gives nothing when it fails, and then writes why into a buffer.
enum CReason {
  private static let capacity = 512

  /// - Parameter file: the engine's file that the call is about.
  static func orThrow<Result>(
    _ file: String, _ call: (_ reason: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Result?
  ) throws(EngineFault) -> Result {
    var reason = [CChar](repeating: 0, count: capacity)
    let made = reason.withUnsafeMutableBufferPointer { call($0.baseAddress!, $0.count) }
    guard let made else {
      let bytes = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw EngineFault(of: file, reason: String(decoding: bytes, as: UTF8.self))
    }
    return made
  }
}
