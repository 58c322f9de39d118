"""The desk: one function for each thing a person or a timer asks. Only the desk opens the book."""
