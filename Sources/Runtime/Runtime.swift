// Runtime: wires drivers to machines, and starts and stops them. It decides nothing that a machine could decide.
//
//   Front    ConsoleLoop (main thread), HeadlessRun, ReplayIndexer: readers of the timeline
//              ▲ entries                         │ commands
//   Client   SessionLoop ─ SessionDriver: Session machine ◄─► WebSocketClient, MicPath, PlayoutPump
//                                                                 │ loopback or network
//   Server   VoiceServer ─ AgentDriver: Agent machines ◄─► WebSocketServer, recognizer, language model, synthesizer
//
// A thread each for Client and Server; what they own is created, used and left on it.
