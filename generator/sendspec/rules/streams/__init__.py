"""Rules about streams, their names and their routes."""
