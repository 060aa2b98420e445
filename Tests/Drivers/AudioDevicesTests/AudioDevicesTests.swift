// Tests of AudioDevices.
