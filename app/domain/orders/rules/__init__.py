"""What follows from carts and orders: pure functions over plain values."""
