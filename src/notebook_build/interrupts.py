"""What ^C and SIGTERM do: end the process at once, or be raised where something was begun."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

STATUS = 130
# seconds after which an interrupt that did not arrive is raised again
AGAIN = 0.05
_SAID = b"interrupted; the last good result stays, finished runs are kept\n"


class Interrupted(KeyboardInterrupt):
    """An interrupt on its way to the end of `raised`.

    A type of its own: Python ends as killed by a signal, whatever status is asked for, once a
    KeyboardInterrupt itself has left a piece of text that was executed, as dataclasses are.
    """


def end_at_once() -> None:
    """Let an interrupt end this process with a message and `STATUS`, whatever it is doing.

    Sound while nothing is begun. A KeyboardInterrupt would not do: modules that are being imported
    swallow it, or raise something else in its place.
    """

    def end(*_: object) -> None:
        _say()
        os._exit(STATUS)

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, end)


@contextmanager
def raised() -> Iterator[None]:
    """Within the block raise an interrupt, so that what was begun is put away; then end.

    It is raised until it arrives, for somebody may swallow it (who imports within the block, a
    callback of the interpreter); not while something is being put away because of it. What arrives
    in its place counts as the interrupt.
    """
    within, met, unraisable = True, False, sys.unraisablehook

    def interrupt(*_: object) -> None:
        nonlocal met
        if within:
            met = True
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
            error = sys.exc_info()[1]
            while error is not None and not isinstance(error, Interrupted):
                error = error.__context__
            # else the code that is at work was reached because of an interrupt
            if error is None:
                raise Interrupted

    def say_unraisable(unraised: Any) -> None:
        if not isinstance(unraised.exc_value, Interrupted):
            unraisable(unraised)

    try:
        sys.unraisablehook = say_unraisable
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(signum, interrupt)
        yield
    except BaseException:
        if not met:
            raise
        within = False
        _say()
        # in order: what is put away at exit is put away
        sys.exit(STATUS)
    finally:
        within = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = unraisable
        end_at_once()


def _say() -> None:
    # nobody may be listening any more
    with suppress(OSError):
        os.write(2, _SAID)
