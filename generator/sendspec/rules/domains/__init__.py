"""Rules about what a domain says about itself."""
