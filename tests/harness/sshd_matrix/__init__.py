"""The sshd matrix: every row is one host, what it is like, and what a scan must say of it."""
from . import connection, host_keys, keys, logging_in, session
from .bench import may_unshare, run_all, told

ROWS = (*keys.ROWS, *logging_in.ROWS, *host_keys.ROWS, *connection.ROWS, *session.ROWS)
