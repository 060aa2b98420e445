// Speech that is made by services on the network.
//
//   sentence ─► VoiceServiceEndpoint ─► HTTP, streamed ─► IncomingAudioDecoder ─► SynthesisEvent ─► the server's mailbox
//                                    └─► it fails before the first sound ─► a voice of this machine speaks the sentence
//
// Each service is a row and a file (`Voices`). Language models over HTTP are in `Speech/Generation`.
