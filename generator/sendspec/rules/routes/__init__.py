"""Rules about the endpoints that routes hand mail to."""
