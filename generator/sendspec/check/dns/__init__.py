"""What DNS says of the names that the spec declares."""
