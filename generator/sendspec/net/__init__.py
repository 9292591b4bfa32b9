"""The world as arguments: DNS, SMTP, HTTPS, TLS, the clock and the deadline. Nothing here knows a spec."""
