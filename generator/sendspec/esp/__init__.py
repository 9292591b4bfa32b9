"""ESPs: one folder each. Nothing outside a folder knows its name."""
