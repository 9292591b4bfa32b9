"""The lock file: what only the ESPs and the owners of foreign SPF records can tell, dated. Public data only."""
