"""Rules about secrets: who uses them, and how often they change. Their values are never known."""
