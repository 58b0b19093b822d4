"""What follows for a reseller and its brand from plain values: pure functions, no database, no web."""
