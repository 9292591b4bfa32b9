"""One real message, with consent: through the app's own production path or the route itself, and the event that comes back."""
