"""What ^C and SIGTERM do: end the process at once, or be raised where something was begun."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STATUS = 130
_SAID = "interrupted; the last good result stays, finished runs are kept\n"


def end_at_once() -> None:
    """Let an interrupt end this process with a message and `STATUS`, whatever it is doing.

    Sound while nothing is begun. A KeyboardInterrupt would not do: modules that are being imported
    swallow it, or raise something else in its place.
    """
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _end)


@contextmanager
def raised() -> Iterator[None]:
    """Within the block raise an interrupt, so that what was begun is put away; then end."""
    try:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.default_int_handler)
        yield
    except KeyboardInterrupt:
        sys.stderr.write(_SAID)
        # in order: what is put away at exit is put away
        sys.exit(STATUS)
    finally:
        end_at_once()


def _end(*_: object) -> None:
    try:
        os.write(2, _SAID.encode())
    finally:
        # nobody may be listening any more
        os._exit(STATUS)
