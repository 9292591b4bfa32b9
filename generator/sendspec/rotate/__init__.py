"""Keys get old: a new one is made, kept, proved, and the old one revoked after the overlap."""
