"""What each git hook does with its standard input."""
