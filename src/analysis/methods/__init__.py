"""What follows from arrays of values: exact tests, bounds, intervals, agreement."""
