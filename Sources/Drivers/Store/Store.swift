// Store: a driver.
