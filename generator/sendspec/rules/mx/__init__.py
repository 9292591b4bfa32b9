"""Rules about return-paths and the mail that comes back."""
