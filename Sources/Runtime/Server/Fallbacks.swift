import Speech
import SpeechServices

/// What takes the place of a service that fails, as it is written: `NAME`, `NAME:DETAIL` or either with `@URL`.
struct FallbackName: Equatable {
  var name: String
  /// A model or a voice.
  var detail: String?
  var url: String?

  init(_ text: String) {
    let (rest, url) = text.cut(at: "@")
    let (name, detail) = rest.cut(at: ":")
    (self.name, self.detail, self.url) = (name, detail, url)
  }
}

/// Why something cannot take the place of a service, in words for the operator.
public struct FallbackFault: Error, Equatable, CustomStringConvertible {
  public var description: String
}

/// What answers where the language model does not.
public enum LanguageModelFallback: Sendable {
  case builtin
  case service(LanguageModelEndpoint)

  /// - Parameters:
  ///   - text: `builtin`, or `SERVICE:MODEL`, with `@URL` where it is not at its usual place; `none` gives nil.
  ///   - key: what an environment variable holds.
  public init?(_ text: String, key: (_ variable: String) -> String?) throws(FallbackFault) {
    let wanted = FallbackName(text)
    switch wanted.name {
    case "none": return nil
    case LanguageModelCard.own.name: self = .builtin
    case let name:
      guard let card = LanguageModelCard.named(name) else {
        throw FallbackFault(description: "llm: there is no \"\(name)\": \((["none"] + LanguageModelCard.names).list)")
      }
      guard let model = wanted.detail else {
        throw FallbackFault(description: "llm: \(name) needs a model, as in \(name):NAME")
      }
      let key = try card.fallbackKey(at: wanted.url, key)
      do throws(ServiceAddress.Invalid) {
        var endpoint = try card.endpoint(address: wanted.url, model: model, apiKey: key)
        endpoint.address.keyVariable = card.keyVariable(named: nil, at: wanted.url)
        self = .service(endpoint)
      } catch {
        throw FallbackFault(description: "llm: \(error)")
      }
    }
  }

  /// As clients are told of it.
  var shownName: String {
    switch self {
    case .builtin: LanguageModelCard.own.name
    case .service(let endpoint): endpoint.model
    }
  }
}

/// What speaks where the service does not.
public enum VoiceFallback: Sendable {
  /// Nothing does: the sentence stays text.
  case none
  /// A voice of this machine; nil: the usual one.
  case local(String?)
  case service(VoiceServiceEndpoint)

  /// - Parameters:
  ///   - text: `none`, `local`, the name of a voice of this machine, or `SERVICE` or `SERVICE:VOICE`, with `@URL` where it is
  ///     not at its usual place.
  ///   - key: what an environment variable holds.
  public init(_ text: String, key: (_ variable: String) -> String?) throws(FallbackFault) {
    let wanted = FallbackName(text)
    switch wanted.name {
    case "none": self = .none
    case VoiceServiceCard.own.name: self = .local(nil)
    case let name where Voice.names.contains(name):
      do {
        _ = try Voice.usable(name)
      } catch {
        throw FallbackFault(description: "tts: the voice \(name) cannot speak: \(error.reason): \(error.remedy)")
      }
      self = .local(name)
    case let name:
      guard let card = VoiceServiceCard.named(name) else {
        let known = ["none"] + VoiceServiceCard.names + Voice.names
        throw FallbackFault(description: "tts: there is no \"\(name)\": \(known.list)")
      }
      let key = try card.fallbackKey(at: wanted.url, key)
      do throws(ServiceAddress.Invalid) {
        var endpoint = try card.endpoint(address: wanted.url, voice: wanted.detail, apiKey: key)
        endpoint.address.keyVariable = card.keyVariable(named: nil, at: wanted.url)
        self = .service(endpoint)
      } catch {
        throw FallbackFault(description: "tts: \(error)")
      }
    }
  }

  var substitute: ServiceSynthesizer.Substitute? {
    switch self {
    case .none: nil
    case .local(let voice): .local(voice)
    case .service(let endpoint): .service(endpoint)
    }
  }
}

/// What hears where the service does not.
public enum RecognitionFallback: Sendable {
  /// The recognisers of this machine.
  case local
  /// Another service, and the recognisers of this machine where that fails, too.
  case service(RecognitionServiceEndpoint)

  /// - Parameters:
  ///   - text: `local`, or `SERVICE` or `SERVICE:MODEL`, with `@URL` where it is not at its usual place.
  ///   - language: that the user speaks, as in `en`.
  ///   - key: what an environment variable holds.
  public init(_ text: String, language: String, key: (_ variable: String) -> String?) throws(FallbackFault) {
    let wanted = FallbackName(text)
    guard wanted.name != RecognitionServiceCard.own.name else {
      self = .local
      return
    }
    guard let card = RecognitionServiceCard.named(wanted.name) else {
      throw FallbackFault(description: "stt: there is no \"\(wanted.name)\": \(RecognitionServiceCard.names.list)")
    }
    let key = try card.fallbackKey(at: wanted.url, key)
    do throws(ServiceAddress.Invalid) {
      var endpoint = try card.endpoint(address: wanted.url, model: wanted.detail, language: language, apiKey: key)
      endpoint.address.keyVariable = card.keyVariable(named: nil, at: wanted.url)
      self = .service(endpoint)
    } catch {
      throw FallbackFault(description: "stt: \(error)")
    }
  }
}

extension ServiceCard {
  fileprivate func fallbackKey(at url: String?, _ key: (String) -> String?) throws(FallbackFault) -> String? {
    guard let variable = keyVariable(named: nil, at: url) else { return nil }
    let value = key(variable).flatMap { $0.isEmpty ? nil : $0 }
    if value == nil, needsKey { throw FallbackFault(description: "\(name) needs an API key: put it into \(variable)") }
    return value
  }
}

extension String {
  fileprivate func cut(at separator: Character) -> (String, String?) {
    guard let i = firstIndex(of: separator) else { return (self, nil) }
    let rest = self[index(after: i)...]
    return (String(self[..<i]), rest.isEmpty ? nil : String(rest))
  }
}

extension [String] {
  fileprivate var list: String { joined(separator: ", ") }
}
