"""Stage 2: `Spec` + ESP facts + lock file become a `Setup` in which every name, record, endpoint and variable is resolved."""
