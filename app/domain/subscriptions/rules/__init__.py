"""What follows from subscriptions and changes to them: pure functions over plain values."""
