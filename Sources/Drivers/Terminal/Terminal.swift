// Terminal: a driver.
