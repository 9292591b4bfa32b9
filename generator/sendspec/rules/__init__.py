"""Rules: one file each. A rule reads a `Setup` and yields problems; the engine stamps the rest."""
