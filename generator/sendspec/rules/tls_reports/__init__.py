"""Rules about reports of failed TLS."""
