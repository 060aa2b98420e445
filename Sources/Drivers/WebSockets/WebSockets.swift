// WebSockets: a driver.
