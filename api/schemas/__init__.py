"""What comes in, checked; records and rows go out."""
