"""The shapes that travel between stages: frozen, typed, free of input and output."""
