"""Rules about MTA-STS policies."""
