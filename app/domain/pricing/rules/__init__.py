"""What follows from prices, rules and rates: pure functions over plain values. No database, no HTTP, no clock."""
