"""What should happen next: rules as plain functions, and the desk that applies them."""
