// Tests of Insight.
