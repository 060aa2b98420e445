// TestKit: virtual clock, scripted peers, fake devices, golden screens.
