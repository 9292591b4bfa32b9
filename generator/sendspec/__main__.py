"""`python -m sendspec`."""

from sendspec.cli import main

main()
