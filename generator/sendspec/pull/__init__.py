"""Values that ESPs issued, and SPF trees of others: into the lock file."""
