// Insight: turns, latencies and buffers, derived from timeline entries alone.
