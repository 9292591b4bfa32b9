"""Rules about ESP accounts."""
