import CWebSockets
import SocketProtocol

// Failures of TLS in words.

extension ConnectFailure {
  static func tls(_ evidence: ConnectEvidence, _ request: ConnectRequest) -> ConnectFailure {
    let facts = evidence.tls
    if facts.verdict != 0 { return certificate(facts, request) }
    let place = place(request.url, evidence)
    if evidence.hasTimedOut {
      return ConnectFailure(
        .silent,
        "\(place) accepted the connection but did not answer the TLS handshake within \(text(request.timeout)): "
          + "if it is a plain server, write ws://",
        isPermanent: false)
    }
    if let failure = ownCertificate(evidence, request) { return failure }
    if let reply = evidence.probe?.httpReply, !reply.isEmpty {
      return ConnectFailure(
        .notTLS, "\(place) does not speak TLS (it answers “\(printable(reply))”): write ws:// instead of wss://",
        isPermanent: true)
    }
    if let alert = evidence.alert {
      let advice =
        switch alert {
        case 70: "it shares no version of TLS with us, which are 1.2 and 1.3"
        case 40, 71: "it shares no cipher with us, or wants something that we did not send"
        case 112: "it knows no host “\(request.url.plainHost)”: check the name"
        default: "look at its log"
        }
      return ConnectFailure(
        .tlsHandshake, "\(place) ended the TLS handshake with “\(alertName(alert))” (alert \(alert)): \(advice)",
        isPermanent: false)
    }
    let why = evidence.tlsText.isEmpty ? "" : " (\(PeerText.shown(evidence.tlsText, limit: 80)))"
    return ConnectFailure(
      .tlsHandshake,
      "the TLS handshake with \(place) failed\(why): it may be a plain server (write ws://), or share no TLS version "
        + "with us", isPermanent: false)
  }

  /// The server asked for our certificate, and then ended the connection without an answer. TLS 1.3 does so after the
  /// handshake (alert 116), TLS 1.2 within it.
  static func ownCertificate(_ evidence: ConnectEvidence, _ request: ConnectRequest) -> ConnectFailure? {
    // Alerts about a certificate can only mean ours: bad, unsupported, revoked, expired, unknown, of an unknown authority,
    // denied, required.
    let isAboutIt = evidence.alert.map { [42, 43, 44, 45, 46, 48, 49, 116].contains($0) } ?? false
    // Without an alert only who gave none knows what it is about.
    guard isAboutIt || (evidence.tls.wantsCertificate && (request.certificateFile == nil || evidence.alert == 40))
    else {
      return nil
    }
    let place = place(request.url, evidence)
    guard request.certificateFile != nil, evidence.alert != 116 else {
      return ConnectFailure(
        .certificateWanted, "\(place) wants a client certificate: give one by --cert FILE and --key FILE",
        isPermanent: true)
    }
    let why = evidence.alert.map { " (“\(alertName($0))”, alert \($0))" } ?? ""
    return ConnectFailure(
      .certificateRefused,
      "\(place) did not take the client certificate\(why): check that --cert is signed by an authority that the server "
        + "trusts, holds its intermediates, and has not expired", isPermanent: true)
  }

  private static func certificate(_ facts: TLSFacts, _ request: ConnectRequest) -> ConnectFailure {
    let url = request.url
    let whose = facts.depth == 0 ? "" : "above it (“\(facts.subject)”) "
    let of = "the certificate \(whose)of “\(url.host)”"
    switch facts.verdict {
    case Int(CWS_CERT_SELF_SIGNED):
      return ConnectFailure(
        .selfSigned, "\(of) is self-signed: trust it by --cacert FILE, or accept any by --insecure", isPermanent: true)
    case Int(CWS_CERT_NO_ISSUER), Int(CWS_CERT_NO_ISSUER_FOR_LEAF):
      return noIssuer(facts, of)
    case Int(CWS_CERT_SELF_SIGNED_IN_CHAIN):
      return ConnectFailure(
        .unknownAuthority,
        "\(of) is signed by an unknown authority (“\(facts.subject)”): give the authority's certificate by --cacert "
          + "FILE, or accept any by --insecure", isPermanent: true)
    case Int(CWS_CERT_EXPIRED):
      return ConnectFailure(
        .expired,
        "\(of) has expired (on \(facts.notAfter)): the server needs a new one (check this machine's clock, too); "
          + "accept it by --insecure", isPermanent: true)
    case Int(CWS_CERT_NOT_YET_VALID):
      return ConnectFailure(
        .expired,
        "\(of) is not valid yet (not before \(facts.notBefore)): check this machine's clock; accept it by --insecure",
        isPermanent: true)
    case Int(CWS_CERT_WRONG_HOST), Int(CWS_CERT_WRONG_ADDRESS):
      let names = facts.names.isEmpty ? "" : " (\(facts.names))"
      return ConnectFailure(
        .wrongHost,
        "\(of) is for another host\(names): connect by the name it was made for, or accept it by --insecure",
        isPermanent: true)
    default:
      let why = X509_verify_cert_error_string(facts.verdict).map { String(cString: $0) } ?? "error \(facts.verdict)"
      return ConnectFailure(
        .badCertificate,
        "\(of) was not accepted (\(why)): trust its authority by --cacert FILE, or accept any by --insecure",
        isPermanent: true)
    }
  }

  /// The chain ends before an authority that is trusted. Whether the server left out a certificate, or its authority is
  /// unknown here, the last certificate says in part: those of public authorities tell where their issuer's can be fetched,
  /// and some name who issued their issuer. Where it says nothing, both are told.
  private static func noIssuer(_ facts: TLSFacts, _ of: String) -> ConnectFailure {
    let send = "the server must send its whole chain (its certificate file needs the intermediate behind its own)"
    let give = "give the authority's certificate by --cacert FILE, or accept any by --insecure"
    let isPublic = facts.issuerIsIntermediate == nil && facts.hasIssuerURL && facts.depth == 0
    if facts.issuerIsIntermediate == true || isPublic {
      return ConnectFailure(
        .missingIntermediate,
        "an intermediate certificate is missing: \(of) was issued by “\(facts.issuer)”, which the server did not send: "
          + "\(send); meanwhile give the intermediate by --cacert FILE", isPermanent: true)
    }
    let signed = "\(of) is signed by an unknown authority (“\(facts.issuer)”)"
    // An issuer above what the server did send is an authority more likely than one left out; so is one that says it is.
    if facts.issuerIsIntermediate == false || facts.depth > 0 {
      return ConnectFailure(.unknownAuthority, "\(signed): \(give)", isPermanent: true)
    }
    return ConnectFailure(
      .unknownAuthority,
      "\(signed), and the server sent no other certificate. If that is an intermediate certificate's name, it is missing: "
        + "\(send). If it is the authority itself, \(give)", isPermanent: true)
  }

  /// Names of RFC 8446 section 6.
  private static func alertName(_ alert: Int) -> String {
    switch alert {
    case 10: "unexpected message"
    case 20: "bad record MAC"
    case 40: "handshake failure"
    case 42: "bad certificate"
    case 43: "unsupported certificate"
    case 44: "certificate revoked"
    case 45: "certificate expired"
    case 46: "certificate unknown"
    case 47: "illegal parameter"
    case 48: "unknown CA"
    case 49: "access denied"
    case 50: "decode error"
    case 51: "decrypt error"
    case 70: "protocol version"
    case 71: "insufficient security"
    case 80: "internal error"
    case 90: "user cancelled"
    case 109: "missing extension"
    case 112: "unrecognised name"
    case 116: "certificate required"
    case 120: "no application protocol"
    default: "alert \(alert)"
    }
  }
}
