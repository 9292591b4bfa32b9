"""Setup -> files: asks every target and ESP for what it makes, and writes the output folder as a whole."""
