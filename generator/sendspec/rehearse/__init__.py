"""Stand-ins for the world: a name server with the rendered zones, SMTP endpoints, ESP APIs, and faults they can show."""
