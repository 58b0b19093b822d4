"""What follows from cloud accounts and requests for them: pure functions over plain values."""
