"""The addresses that ESPs post events to."""
