/// Which notice it is, whatever its words are. One row of the table for each kind; docs/headless.md names them.
public enum NoticeID: OpenName {
  /// A notice of a recording that was made before notices had names.
  case unnamed
  /// A config message was not sent, because it is no JSON object.
  case configUnreadable
  /// The dialect has no message for what was asked.
  case notSayable
  /// A tool's result was not sent, because no tool call waits for one.
  case noToolCall
  /// A tool call was forgotten and can no longer be answered from here.
  case toolCallForgotten
  /// Something was not sent, because there is no ready connection.
  case notConnected
  /// A close frame may not carry that code.
  case closeCodeInvalid
  /// A close frame has no room for that reason.
  case closeReasonTooLong
  /// To refuse connections needs a length of time.
  case refuseNeedsTime
  /// A reconnect was asked for during an attempt.
  case alreadyConnecting
  /// There is no connection, and no further attempt is made.
  case gaveUp
  /// The server does not want the earlier conversation back.
  case resumeRefused
  /// The server began a new conversation where an earlier one was to be resumed.
  case resumeIgnored
  /// The server does not say that it sends audio in the form that was asked for.
  case formNotConfirmed
  /// The server does not say that it speaks the codec that was asked for, both ways.
  case codecNotTaken
  /// The server wants another rate than it is sent.
  case rateMismatch
  /// The server speaks another dialect than the one that was chosen, and the session goes on in it.
  case otherDialect
  /// The server has not said `ready` in time.
  case notReady
  /// A ping was not answered in time, though messages come.
  case pongLate
  /// A ping was not answered, and the connection was ended for it.
  case connectionDead
  /// The server reported an error.
  case serverError
  /// A message of a type that the dialect does not know.
  case unknownMessage
  /// A message that cannot be read.
  case malformedMessage
  /// A number in a message makes no sense.
  case numberIgnored
  /// Audio of a response that was cut came all the same, and was not played.
  case lateAudioDropped
  /// The server has not confirmed an interrupt in time.
  case interruptUnconfirmed
  /// The server ends the session soon.
  case expiryNear
  /// The dialect cannot say interrupt.
  case interruptNotSayable
  /// Audio of the user was dropped, because the socket does not take it.
  case uplinkFull
  /// The output could not be opened.
  case outputFailed
  /// The recording cannot be written.
  case recordingFailed
  /// Words or a file were not spoken, because too much waits already.
  case tooMuchToSpeak
  /// There was nothing to stop.
  case nothingSpoken
  /// Words or a file cannot be spoken.
  case speechFailed
  /// Recorded audio is not played here.
  case auditionRefused
  /// Recorded audio is played, and how long it is.
  case auditionStarted
  /// Recorded audio cannot be played whole.
  case auditionIncomplete
  /// Audio was lost, because it arrives much faster than it is played.
  case playoutFull
  /// Some lines of a recording could not be read.
  case recordingIncomplete
  /// The agent's echo is not taken out, though there was time to learn it.
  case echoNotLearnt
  /// A speech engine is missing or damaged, and another one serves.
  case engineMissing
  /// The session is captured from here on.
  case captureBegan
  /// The same, told at the first time, with what it means.
  case captureIntroduced
  /// The capture cannot be written; it is tried again.
  case captureFailed
  /// The capture is written again.
  case captureGoesOn
  /// Some of the session was not captured, because the disk is too slow.
  case captureTooSlow
  /// Older captures were deleted.
  case capturesDeleted
  /// A notice of another version.
  case other(String)

  public static let known: [NoticeID] = [
    .unnamed, .configUnreadable, .notSayable, .noToolCall, .toolCallForgotten, .notConnected, .closeCodeInvalid,
    .closeReasonTooLong, .refuseNeedsTime, .alreadyConnecting, .gaveUp, .resumeRefused, .resumeIgnored,
    .formNotConfirmed, .codecNotTaken, .rateMismatch, .otherDialect,
    .notReady, .pongLate, .connectionDead, .serverError, .unknownMessage, .malformedMessage, .numberIgnored,
    .lateAudioDropped, .interruptUnconfirmed, .expiryNear, .interruptNotSayable, .uplinkFull, .outputFailed,
    .recordingFailed,
    .tooMuchToSpeak, .nothingSpoken, .speechFailed, .auditionRefused, .auditionStarted, .auditionIncomplete,
    .playoutFull,
    .recordingIncomplete, .echoNotLearnt, .engineMissing, .captureBegan, .captureIntroduced, .captureFailed,
    .captureGoesOn, .captureTooSlow, .capturesDeleted,
  ]

  public var rawValue: String {
    switch self {
    case .unnamed: "unnamed"
    case .configUnreadable: "configUnreadable"
    case .notSayable: "notSayable"
    case .noToolCall: "noToolCall"
    case .toolCallForgotten: "toolCallForgotten"
    case .notConnected: "notConnected"
    case .closeCodeInvalid: "closeCodeInvalid"
    case .closeReasonTooLong: "closeReasonTooLong"
    case .refuseNeedsTime: "refuseNeedsTime"
    case .alreadyConnecting: "alreadyConnecting"
    case .gaveUp: "gaveUp"
    case .resumeRefused: "resumeRefused"
    case .resumeIgnored: "resumeIgnored"
    case .formNotConfirmed: "formNotConfirmed"
    case .codecNotTaken: "codecNotTaken"
    case .rateMismatch: "rateMismatch"
    case .otherDialect: "otherDialect"
    case .notReady: "notReady"
    case .pongLate: "pongLate"
    case .connectionDead: "connectionDead"
    case .serverError: "serverError"
    case .unknownMessage: "unknownMessage"
    case .malformedMessage: "malformedMessage"
    case .numberIgnored: "numberIgnored"
    case .lateAudioDropped: "lateAudioDropped"
    case .interruptUnconfirmed: "interruptUnconfirmed"
    case .expiryNear: "expiryNear"
    case .interruptNotSayable: "interruptNotSayable"
    case .uplinkFull: "uplinkFull"
    case .outputFailed: "outputFailed"
    case .recordingFailed: "recordingFailed"
    case .tooMuchToSpeak: "tooMuchToSpeak"
    case .nothingSpoken: "nothingSpoken"
    case .speechFailed: "speechFailed"
    case .auditionRefused: "auditionRefused"
    case .auditionStarted: "auditionStarted"
    case .auditionIncomplete: "auditionIncomplete"
    case .playoutFull: "playoutFull"
    case .recordingIncomplete: "recordingIncomplete"
    case .echoNotLearnt: "echoNotLearnt"
    case .engineMissing: "engineMissing"
    case .captureBegan: "captureBegan"
    case .captureIntroduced: "captureIntroduced"
    case .captureFailed: "captureFailed"
    case .captureGoesOn: "captureGoesOn"
    case .captureTooSlow: "captureTooSlow"
    case .capturesDeleted: "capturesDeleted"
    case .other(let name): name
    }
  }
}
