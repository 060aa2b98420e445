// Tests of AudioCodecs.
