/// What a name says about its value: the one list of the names under which secrets travel, as members of messages, as
/// headers, as items of a query, as variables and as flags.
///
/// A name is read word by word: `xi-api-key`, `openaiApiKey` and `OPENAI_API_KEY` end in the same two words. The last word
/// says what the value is, the words before it say of which kind, and some last words (`type`, `count`, `url`) say that the
/// value only describes a secret.
enum SecretNames {
  enum Judgement: Sendable {
    /// The value is no secret, or cannot be told from one that is none.
    case harmless
    /// The value is a secret when it looks like one: a `token` may be a word of a language model.
    case suspect
    /// The value is a secret whatever it looks like.
    case secret
  }

  /// Longer names are not looked at.
  static let longestName = 64

  /// Judges a name of which nothing else is known.
  static func judge(_ name: String) -> Judgement {
    guard mayBeSecret(name) else { return .harmless }
    var words = words(of: name)
    // A number counts a variant, as in X-Hub-Signature-256.
    while words.count > 1, let last = words.last, carriers.contains(last) || last.utf8.allSatisfy(isDigit) {
      words.removeLast()
    }
    guard let last = words.last, let first = words.first else { return .harmless }
    let compact = words.joined()
    if names.contains(compact) { return .secret }
    if words.count > 1, describing.contains(last) || questions.contains(first) { return .harmless }
    return judge(last, after: words.dropLast(), compact)
  }

  private static func judge(_ last: String, after kinds: ArraySlice<String>, _ compact: String) -> Judgement {
    let kind = kinds.last
    if secretWords.contains(last) { return .secret }
    switch last {
    case "key", "keys":
      guard let kind else { return last == "key" ? .suspect : .harmless }
      if kinds.contains(where: keyKinds.contains) { return .secret }
      return harmlessKeyKinds.contains(kind) || last == "keys" ? .harmless : .suspect
    case "token":
      guard let kind else { return .suspect }
      if kinds.contains(where: tokenKinds.contains) { return .secret }
      return harmlessTokenKinds.contains(kind) ? .harmless : .suspect
    case "tokens": return kinds.contains(where: tokenKinds.contains) ? .secret : .harmless
    case "signature", "signatures", "sig", "hmac": return kind == "time" || kind == "key" ? .harmless : .suspect
    case "auth", "ticket", "authentication": return .suspect
    case "code": return kind.map(codeKinds.contains) ?? false ? .secret : .harmless
    default: return compactEndings.contains { compact.hasSuffix($0) } ? .secret : .harmless
    }
  }

  /// Whether the value of a header, a query item or a form's field is hidden. There a `key` is no key of a keyboard and a
  /// `token` no word.
  static func isSecretInRequest(_ name: String) -> Bool {
    guard judge(name) == .harmless else { return true }
    let compact = words(of: name).joined()
    return requestEndings.contains { compact.hasSuffix($0) } && !everydayWords.contains(compact)
  }

  /// Whether a member of something secret only describes it, as `expires_at` does.
  static func isDescription(_ name: String) -> Bool {
    guard let last = words(of: name).last else { return false }
    return descriptions.contains(last) || questions.contains(words(of: name)[0])
  }

  /// Whether the name is put together as only machines do, so that `name: value` in a sentence is no prose.
  static func isMachineLike(_ name: String) -> Bool { words(of: name).count > 1 }

  // MARK: Words

  /// The words of a name, in lower case: parted by what is neither letter nor digit, and where camel case has a hump.
  static func words(of name: String) -> [String] {
    // The Kelvin sign is a K, too: Unicode knows the lower case of what is not ASCII.
    let bytes = Array((name.utf8.allSatisfy { $0 < 0x80 } ? name : name.lowercased()).utf8)
    var words: [String] = []
    var word: [UInt8] = []
    for (i, byte) in bytes.enumerated() {
      let isUpper = (0x41...0x5A).contains(byte)
      guard isUpper || (0x61...0x7A).contains(byte) || isDigit(byte) else {
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        word = []
        continue
      }
      if isUpper, i > 0, !word.isEmpty {
        let follows = i + 1 < bytes.count && (0x61...0x7A).contains(bytes[i + 1])
        let isAfterLower = (0x61...0x7A).contains(bytes[i - 1]) || isDigit(bytes[i - 1])
        // `APIKey`: the last capital of several begins the next word.
        if isAfterLower || follows {
          words.append(String(decoding: word, as: UTF8.self))
          word = []
        }
      }
      word.append(isUpper ? byte | 0x20 : byte)
    }
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Three letters of which every name of a secret has some: nearly all other names have none of them.
  private static let traces: Set<UInt32> = Set(
    [
      "tok", "key", "sec", "pas", "pwd", "aut", "cre", "coo", "jwt", "bea", "sig", "hma", "otp", "cvv", "cvc", "mne",
      "pem", "con", "cod", "tic", "ses", "sid", "see",
    ].map { trace in trace.utf8.reduce(0) { $0 << 8 | UInt32($1) } })

  private static func mayBeSecret(_ name: String) -> Bool {
    var (last, count) = (UInt32(0), 0)
    for byte in name.utf8 {
      if byte >= 0x80 { return true }
      guard (0x61...0x7A).contains(byte | 0x20) else { continue }
      last = (last << 8 | UInt32(byte | 0x20)) & 0xFFFFFF
      count += 1
      if count > longestName { return false }
      if traces.contains(last) { return true }
    }
    return false
  }
}

// MARK: The list

extension SecretNames {
  /// Last words whose value is a secret, whatever stands before.
  private static let secretWords: Set<String> = [
    "password", "passwords", "passwd", "passphrase", "passcode", "passkey", "pwd", "pass", "secret", "secrets",
    "credential", "credentials", "creds", "authorization", "cookie", "cookies", "jwt", "bearer", "apikey", "apikeys",
    "otp", "totp", "mnemonic", "cvv", "cvc",
  ]

  /// Whole names without their separators that the words alone do not give away.
  private static let names: Set<String> = [
    "connectionstring", "seedphrase", "phpsessid", "jsessionid", "connectsid", "sessid", "idtoken", "secretid",
    "authheader", "privatepem", "icepwd", "openaiinsecureapikey",
  ]

  /// Ends of names that are written without separators or in capitals, as in `MYPASSWORD` and `clientsecret`.
  private static let compactEndings = [
    "password", "passwd", "passphrase", "secret", "apikey", "secretkey", "accesskey", "privatekey", "authkey",
    "signingkey", "subscriptionkey", "accesstoken", "refreshtoken", "authtoken", "sessiontoken", "resumetoken",
    "bearertoken", "idtoken", "authorization", "credentials",
  ]

  /// Ends of names that mean a secret in a request only.
  private static let requestEndings = [
    "key", "token", "secret", "password", "passwd", "auth", "sig", "signature", "jwt", "credential",
  ]
  private static let everydayWords: Set<String> = [
    "monkey", "hockey", "turkey", "donkey", "whiskey", "jockey", "publickey", "primarykey", "sortkey", "cachekey",
    "websocketkey", "secwebsocketkey", "timesignature", "keysignature",
  ]

  /// Words after the secret's name that say how it is written, not what it is.
  private static let carriers: Set<String> = [
    "value", "header", "pem", "base64", "b64", "string", "str", "raw", "plain", "plaintext", "param",
  ]

  /// Last words of names whose value tells something about a secret.
  private static let describing: Set<String> = descriptions.union([
    "name", "names", "id", "ids", "url", "uri", "env", "file", "path", "folder", "hint", "label", "title",
    "description",
    "prefix", "mode", "policy", "provider", "method", "field", "kind", "issuer", "audience", "rate", "limit",
    "interval",
    "usage", "index", "size", "ms", "seconds", "used", "per", "second", "logprob", "logprobs", "text", "consent",
  ])
  private static let descriptions: Set<String> = [
    "expires", "expiry", "expiration", "expire", "at", "in", "ttl", "iat", "exp", "nbf", "type", "object", "created",
    "issued", "alg", "algorithm", "scope", "scopes", "status", "version", "count", "length", "format", "enabled",
    "active", "region", "domain", "path", "name", "username", "required", "valid", "set", "samesite", "age", "max",
  ]
  /// First words that make a question or a bound of the name.
  private static let questions: Set<String> = [
    "is", "has", "no", "use", "uses", "needs", "requires", "max", "min", "num",
  ]

  private static let keyKinds: Set<String> = [
    "api", "access", "secret", "private", "auth", "authentication", "signing", "encryption", "subscription", "service",
    "account", "master", "admin", "ephemeral", "shared", "storage", "app", "application", "consumer", "webhook", "ssh",
    "pgp", "hmac", "jwt", "license", "activation", "integration", "deploy", "openai", "anthropic", "deepgram",
    "elevenlabs", "xi", "gemini", "azure", "aws", "cartesia", "assemblyai", "groq", "speechmatics", "hume", "gladia",
    "livekit", "vapi", "retell", "twilio", "stripe", "mistral", "cohere", "together", "replicate", "fireworks",
  ]
  private static let harmlessKeyKinds: Set<String> = [
    "public", "primary", "foreign", "cache", "sort", "partition", "hot", "shortcut", "idempotency", "object", "dedup",
    "group", "item", "row", "map", "message", "translation", "i18n", "musical", "song", "arrow", "pressed", "websocket",
    "room", "event", "metric", "config", "sort",
  ]
  private static let tokenKinds: Set<String> = [
    "access", "refresh", "auth", "authorization", "authentication", "session", "resume", "bearer", "id", "csrf", "xsrf",
    "api", "security", "client", "ephemeral", "device", "user", "bot", "app", "push", "registration", "secret", "login",
    "jwt", "oauth", "identity", "sas", "join", "upload", "download", "webhook", "verification", "reset", "magic",
    "service", "github", "gitlab", "slack", "hf", "personal", "admin", "temporary", "connect", "connection", "xsts",
  ]
  private static let harmlessTokenKinds: Set<String> = [
    "max", "min", "eos", "bos", "pad", "unk", "stop", "start", "next", "prev", "previous", "last", "first", "special",
    "num", "prompt", "completion", "total", "text", "audio", "cached", "input", "output", "reasoning", "word", "page",
    "pagination", "continuation", "end", "begin", "mask", "sep", "cls", "current", "new", "decoded", "generated",
  ]
  private static let codeKinds: Set<String> = [
    "auth", "authorization", "verification", "otp", "mfa", "pairing", "recovery", "backup", "pin", "security",
  ]
}
