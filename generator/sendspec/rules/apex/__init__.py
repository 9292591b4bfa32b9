"""Rules about mail from a domain itself, not from a subdomain of it."""
