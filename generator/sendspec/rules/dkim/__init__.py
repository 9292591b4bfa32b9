"""Rules about DKIM keys and selectors."""
