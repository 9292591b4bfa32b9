"""Rules about DNS names and what may share one."""
