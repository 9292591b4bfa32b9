"""Why a rule, a record, a variable or a file exists."""
