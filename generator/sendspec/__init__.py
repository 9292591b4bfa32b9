"""One YAML description of how a company sends mail becomes DNS records, ESP configuration and application settings.

spec/       reads the folder of YAML files: every problem at once, each with its line     -> Spec
lock/       reads what only the ESPs can tell                                             -> LockFile
compile/    resolves every name, record, endpoint and variable                            -> Setup
rules/      says what is wrong with it                                                    -> findings
advice/     SMTP or API for each stream, and why                                          -> decisions
render/     asks every ESP, target and delivery for its files, writes all or none         -> output/
explain/    says why a record, a variable, a file or a rule exists
check/      compares it with the world, through net/ and with credentials from stores/    -> findings
smoke/      sends one real message and waits for its event
rehearse/   stands in for the world: name server, mail servers, ESPs; and breaks each
cluster/    check/ on many machines
report/     writes findings for people and programs
pipeline.py knows the order offline, live.py against the world; cli/ is the command line.
"""

__version__ = "0.1.0"
