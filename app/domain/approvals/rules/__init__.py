"""What follows from policies, asks and people: pure functions over plain values."""
