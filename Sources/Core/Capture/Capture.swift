// Capture: the timeline as JSON lines, and back.
