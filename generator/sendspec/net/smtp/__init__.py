"""SMTP submission as live commands use it: one exchange on one address, phase by phase.

`exchange` holds what checks see, `wire` one connection with bounded replies, `client` the walk through the phases.
"""
