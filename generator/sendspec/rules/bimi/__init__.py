"""Rules about BIMI."""
