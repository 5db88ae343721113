"""One module per command: options in, one operation called, result rendered."""
