// Tests of Capture.
