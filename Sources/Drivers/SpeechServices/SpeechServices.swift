// Speech that is made and heard by services on the network.
//
//   sentence ─► SpokenLine: HTTP or WebSocket ─► IncomingAudioDecoder ─► SynthesisEvent ─► the server's mailbox
//                 └─► it fails before the first sound ─► what takes its place speaks the sentence
//
//   audio ─► ServedRecognition ─► StreamedEar (WebSocket) or PieceEar (HTTP) ─► words ─► RecognizerEvent ─► the mailbox
//                               └─► it fails ─► a recognizer of this machine hears the turn from its beginning
//
// Each service is a row and a file (`Voices`, `Recognizers`). Language models over HTTP are in `Speech/Generation`.
