"""What follows from vendors' answers and silences: pure functions over plain values."""
