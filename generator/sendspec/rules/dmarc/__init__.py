"""Rules about DMARC policies and alignment."""
