"""Rules about SPF records."""
