// Tests of WebSockets.
