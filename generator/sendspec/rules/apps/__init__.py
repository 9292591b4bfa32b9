"""Rules about an app and the routes it is given."""
