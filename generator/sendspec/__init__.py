"""One YAML description of how a company sends mail becomes DNS records, ESP configuration and application settings.

spec/      reads the folder of YAML files: every problem at once, each with its line     -> Spec
lock/      reads what only the ESPs can tell                                             -> LockFile
compile/   resolves every name, record, endpoint and variable                            -> Setup
rules/     says what is wrong with it                                                    -> findings
render/    asks every ESP and target for its files, writes all of them or none           -> output/
explain/   says why a record, a variable, a file or a rule exists
pipeline.py knows the order; cli.py is the command line.
"""

__version__ = "0.1.0"
