// Tests of Screen.
