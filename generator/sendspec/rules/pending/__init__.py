"""Rules about values that only an ESP can tell."""
