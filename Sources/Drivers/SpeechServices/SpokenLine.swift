import Foundation
import FoundationNetworking
import Speech

/// What comes of a sentence that was given to a service.
enum SpokenEvent: Sendable {
  /// More of its sound, in the form that the service was asked for.
  case sound([UInt8])
  /// The sound so far says so many more of the sentence's characters.
  case spelled(Int)
  /// Nothing comes after it. Nil: all was said.
  case ended(SpokenFailure?)
}

/// Why a sentence was not said whole.
struct SpokenFailure: Error, Equatable {
  var reason: String
  /// The service has taken the sentence, and may want to be paid for it.
  var isPaid = true
}

/// The way to a service that speaks, for one client. Any thread.
protocol SpokenLine: AnyObject, Sendable {
  /// Has a sentence spoken.
  /// - Parameter handler: is told what comes of it, on another thread. Returns whether more is wanted.
  /// - Returns: its number; nil when the line was stopped.
  /// - Throws: `VoiceRequestFault`, or where the question cannot be written.
  func say(_ question: SpokenQuestion, handler: @escaping @Sendable (SpokenEvent) -> Bool) throws -> Int?
  /// The service stops speaking it. Nothing more is told, but for what is being told at this moment.
  func cancel(_ id: Int)
  /// Ends all, and its threads.
  func stop()
}

/// The way to a service over HTTP: a request for each sentence.
final class HTTPLine: SpokenLine {
  private let endpoint: VoiceServiceEndpoint
  private let form: @Sendable (SpokenQuestion) throws -> VoiceRequest
  private let requests = StreamedRequests(name: "tts-watchdog")

  init(
    _ endpoint: VoiceServiceEndpoint, _ form: @escaping @Sendable (SpokenQuestion) throws -> VoiceRequest
  ) {
    self.endpoint = endpoint
    self.form = form
  }

  func say(_ question: SpokenQuestion, handler: @escaping @Sendable (SpokenEvent) -> Bool) throws -> Int? {
    let patience = StreamedRequests.Patience(first: endpoint.firstSoundTimeout, next: endpoint.stallTimeout)
    return requests.send(try request(question), patience: patience) { [endpoint] event in
      switch event {
      case .bytes(let bytes): return handler(.sound(bytes))
      case .ended(let ending):
        let reason = endpoint.errors.text(for: ending, overload: SpokenFailure.overload)
        return handler(.ended(reason.map { SpokenFailure(reason: $0, isPaid: !ending.isRefusal) }))
      }
    }?.number
  }

  func cancel(_ id: Int) { requests.cancel(StreamedRequests.ID(number: id)) }
  func stop() { requests.stop() }

  private func request(_ question: SpokenQuestion) throws -> URLRequest {
    let asked = try form(question)
    var request = URLRequest(url: try endpoint.url(asked.subpath, asked.query))
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    for header in endpoint.address.keyHeaders { request.setValue(header.value, forHTTPHeaderField: header.name) }
    request.httpBody = Data(asked.body)
    return request
  }
}

extension SpokenFailure {
  /// What silence of a service may mean, as a question.
  static let overload = "is it overloaded?"
}

extension VoiceServiceEndpoint {
  /// The address with names and items that follow the API's path.
  /// - Throws: `VoiceRequestFault`, where a name would lead to another place of the service.
  func url(_ subpath: [String], _ query: [(name: String, value: String)]) throws -> URL {
    var url = address.url
    for part in subpath {
      guard Self.isPlainName(part) else {
        throw VoiceRequestFault(description: "\"\(part)\" is no name of a voice there")
      }
      url.append(component: part)
    }
    if !query.isEmpty { url.append(queryItems: query.map { URLQueryItem(name: $0.name, value: $0.value) }) }
    return url
  }

  /// Letters, digits, `_` and `-`: what may stand in an address.
  static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        byte == 0x5F || byte == 0x2D || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte)
      }
  }
}
