"""`output/monitoring/`: what a team's own Prometheus takes to watch what the spec implies.

Probes (blackbox exporter), scrape targets, alert rules, and schedules for the canary. `run.py` puts them together.
"""
