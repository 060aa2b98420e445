import Testing

// Tests of EndToEnd: the real program as its users have it, headless or in a real terminal.
//
//   Program ──► sidetone (the build beside the test bundle) ──► stdout ──► Recording (entries, insight)
//      keys ──► tmux ──► sidetone ──► screen ──► panes, borders  └─► out.wav ──► Ear (speech recognition)

/// Runs that measure times at the ear, or need the processor for speech: one after the other, and nothing beside them.
@Suite(.serialized, .ownThread) enum EndToEnd {}

/// Runs in which it does not matter how long something takes: one after the other, beside those of `SecondLane`. They wait
/// most of their time, so that both together take a third of two processors.
@Suite(.serialized, .ownThread) enum FirstLane {}

/// Runs with other programs on the other side: one after the other, beside those of `FirstLane`.
@Suite(.serialized, .ownThread) enum SecondLane {}
