"""The submission endpoint of every SMTP route, up to the message and never further."""
