import Testing

// Tests of EndToEnd: the real program as its users have it, headless or in a real terminal.
//
//   Program ──► sidetone (the build beside the test bundle) ──► stdout ──► Recording (entries, insight)
//      keys ──► tmux ──► sidetone ──► screen ──► panes, borders  └─► out.wav ──► Ear (speech recognition)

/// Runs of the program that take their time, one after the other: they need the processor for speech.
@Suite(.serialized, .ownThread) enum EndToEnd {}
