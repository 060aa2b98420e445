// TestKit: what several test targets need, and nothing that the program needs.
//
//   machines   VirtualClock, ScriptedPeer             no time passes
//              SimulatedPair                          a session and a server, and the line between them
//   timelines  Script                                 written by hand, before a reader
//   audio      Signals, VirtualSoundCard              no sound card needed
//   speech     Recordings, Noise, WordErrors          what people said, sounds without speech, what was understood
//   screen     GoldenScreen, TmuxTerminal             cells against files; the real program in a real terminal
//   processes  ChildProcess                           peers that were not written here
