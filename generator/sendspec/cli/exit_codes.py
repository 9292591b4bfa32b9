"""What each exit code means. Where several hold, the first of 3, 1, 2, 4 wins."""

import signal

OK = 0
FINDINGS = 1
DIFFERS = 2
REFUSED = 3
UNDETERMINED = 4
USAGE = 64
OUR_FAILURE = 70
# A shell shows a program that a signal ended as 128 and the signal's number.
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
BROKEN_PIPE = 128 + signal.SIGPIPE
