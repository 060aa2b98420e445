// Capture: the timeline as JSON lines, and back.
//
//   Entry ─► EntryLine.encode ─► {"i":41,"at":1203.512,"event":"message",…}\n ─► CaptureReader ─► Entry
//                                                     ├─► ReplayCursor ─► the same entries at their original pace
//                                                     └─► Replay/: Player, Checkpoints, CaptureWalk: to and fro in them
//
// One object per line, so that a file that was cut anywhere is still good up to its last whole line.
