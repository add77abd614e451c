"""What follows from arrays of values: bounds, exact tests, intervals, configurations, curves."""
