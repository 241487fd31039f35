"""Signals as a terminal would give them, whoever started the tests."""

import contextlib
import signal
from collections.abc import Iterator

HEARD = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Let programs started in the block hear the signals that ask for an end.

    A shell starts `make test &` deaf to SIGINT and SIGQUIT, nohup deaf to SIGHUP, and a child
    inherits its parent's deafness.
    """
    deaf = [one for one in HEARD if signal.getsignal(one) is signal.SIG_IGN]
    for one in deaf:
        signal.signal(one, signal.SIG_DFL)
    try:
        yield
    finally:
        for one in deaf:
            signal.signal(one, signal.SIG_IGN)
