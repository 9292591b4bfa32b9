"""Rules about events: bounces, complaints and what else an ESP reports."""
