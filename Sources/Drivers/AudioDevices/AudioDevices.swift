// AudioDevices: a driver.
