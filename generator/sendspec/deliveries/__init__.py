"""Deliveries: one folder a way in which credentials reach an app. Nothing outside a folder knows its name."""
