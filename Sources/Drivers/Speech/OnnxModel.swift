import COnnxRuntime
import Engines
import Glibc

/// ONNX Runtime, opened from a file for the rest of the process.
final class OnnxRuntime: @unchecked Sendable {
  // Sendable: the library may be called from any thread, and nothing here changes.
  fileprivate let runtime: OpaquePointer

  /// - Parameter library: the path of `libonnxruntime`, 1.17 or later.
  /// - Throws: `EngineFault` when the library cannot be opened.
  init(library: String) throws(EngineFault) {
    runtime = try CReason.orThrow(library) { onnx_open(library, $0, $1) }
  }

  /// As in "1.23.2".
  var version: String { String(cString: onnx_version(runtime)) }
}

/// A neural model. Each run takes one core of the processor; several threads may run it at a time.
final class OnnxModel: @unchecked Sendable {
  // Sendable: nothing here changes, and a session of ONNX Runtime may be run from several threads.
  /// What a model is given. The elements are in the order of the shape, the last dimension first; an empty shape is one
  /// number.
  enum Input {
    case floats(String, [Float], shape: [Int64])
    case integers(String, [Int64], shape: [Int64])

    fileprivate var name: String {
      switch self {
      case .floats(let name, _, _), .integers(let name, _, _): name
      }
    }
    fileprivate var rank: Int {
      switch self {
      case .floats(_, _, let shape), .integers(_, _, let shape): shape.count
      }
    }
  }

  private let runtime: OnnxRuntime
  private let model: OpaquePointer
  /// The file it was loaded from.
  let path: String

  /// Loads the model of a file: 10 to 500 ms.
  /// - Throws: `EngineFault` when it is no model, or one of a kind that the library does not know.
  init(_ path: String, in runtime: OnnxRuntime) throws(EngineFault) {
    self.path = path
    self.runtime = runtime
    model = try CReason.orThrow(path) { onnx_load(runtime.runtime, path, $0, $1) }
  }

  deinit { onnx_unload(model) }

  /// Runs the model once.
  /// - Returns: the elements of each output, in the order of the names.
  /// - Throws: `EngineFault` when an input does not fit the model, or an output is not of floats.
  func run(_ inputs: [Input], outputs names: [String]) throws(EngineFault) -> [[Float]] {
    var descriptions = inputs.map { input in
      let (kind, elements, count, shape) = Self.copied(input)
      return onnx_input(
        name: UnsafePointer(strdup(input.name)), kind: kind, elements: elements, count: count,
        shape: UnsafePointer(shape), rank: input.rank)
    }
    var outputNames = names.map { UnsafePointer(strdup($0)) as UnsafePointer<CChar>? }
    var values = [OpaquePointer?](repeating: nil, count: names.count)
    defer {
      for description in descriptions {
        free(UnsafeMutableRawPointer(mutating: description.name))
        free(description.elements)
        free(UnsafeMutableRawPointer(mutating: description.shape))
      }
      for name in outputNames { free(UnsafeMutableRawPointer(mutating: name)) }
      for value in values { onnx_free(model, value) }
    }
    try CReason.orThrow(path) { error, capacity -> Void? in
      onnx_run(model, &descriptions, inputs.count, &outputNames, &values, names.count, error, capacity) == 0 ? () : nil
    }
    var made: [[Float]] = []
    for (name, value) in zip(names, values) {
      var count = 0
      guard let floats = onnx_floats(model, value, &count) else {
        throw EngineFault(of: path, reason: "its output \(name) is not of floats")
      }
      made.append(Array(UnsafeBufferPointer(start: floats, count: count)))
    }
    return made
  }

  /// A copy that C may keep for the time of a call; freed by the caller.
  private static func copied(
    _ input: Input
  ) -> (kind: Int32, elements: UnsafeMutableRawPointer, count: Int, shape: UnsafeMutablePointer<Int64>) {
    switch input {
    case .floats(_, let floats, let shape):
      (Int32(onnx_float), UnsafeMutableRawPointer(copy(floats)), floats.count, copy(shape))
    case .integers(_, let integers, let shape):
      (Int32(onnx_int64), UnsafeMutableRawPointer(copy(integers)), integers.count, copy(shape))
    }
  }

  private static func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let made = malloc(max(1, elements.count) * MemoryLayout<Element>.stride)!.assumingMemoryBound(to: Element.self)
    made.initialize(from: elements, count: elements.count)
    return made
  }
}
