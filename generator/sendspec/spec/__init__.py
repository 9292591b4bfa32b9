"""Stage 1: a folder of YAML files becomes a `Spec`, or findings with their places."""
