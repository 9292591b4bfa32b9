"""SMTP or API? The decision for each stream, over eight dimensions, with reasons, capacity and what is lost."""
