"""Targets: one folder an output format. Nothing outside a folder knows its name."""
