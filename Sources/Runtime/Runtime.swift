// Runtime: wires drivers to machines; start-up and shutdown.
