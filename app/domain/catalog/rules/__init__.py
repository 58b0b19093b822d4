"""What follows from a vendor's price sheet and from a product's name: pure functions, no database."""
