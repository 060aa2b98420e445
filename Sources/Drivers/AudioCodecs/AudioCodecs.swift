// AudioCodecs: a driver.
