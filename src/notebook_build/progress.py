"""What a person sees of a build: one bar, or plain lines where there is no terminal."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from statistics import mean
from typing import Any

from tqdm import tqdm

# seconds between two looks at the clock
TICK = 1.0
SHAPE = "{bar:16} {n_fmt} of {total_fmt} steps, {desc}"


def say(line: str) -> None:
    """Write one line for the person at the terminal, above the bar if there is one."""
    # what is built is not lost because nobody reads it
    with suppress(OSError):
        tqdm.write(line, file=sys.stderr)


class Progress:
    """One bar for a whole build: what is done, who is at work, seconds, and about what is left.

    What is left is estimated from how long each run took in an earlier build; a run that is new
    counts as the mean of those known. A context: the bar ends with the block.

    Args:
        earlier: seconds that each run took in an earlier build, by page.
        pages: seconds that the pages took then; None where none are written.
        verbose: write a line for each run beside the bar.
    """

    def __init__(
        self, earlier: Mapping[str, float], pages: float | None = None, verbose: bool = False
    ) -> None:
        self._known, self._pages = dict(earlier), pages
        self._verbose, self._interactive = verbose, sys.stderr.isatty()
        self._waiting: set[str] = set()
        self._working: dict[str, float] = {}
        self._total = self._done = 0
        self._rendering: float | None = None
        self._begun = time.monotonic()
        self._bar: tqdm[Any] = tqdm(disable=True)
        self._over = threading.Event()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._bar.close()

    def begin(self, runs: Sequence[str]) -> None:
        """Begin with these runs ahead, by page."""
        self._waiting, self._total = set(runs), len(runs) + (self._pages is not None)
        if self._interactive and self._total:
            shape: dict[str, Any] = {"bar_format": SHAPE, "leave": False, "dynamic_ncols": True}
            self._bar = tqdm(total=self._total, file=sys.stderr, **shape)
            threading.Thread(target=self._tick, daemon=True).start()
        self._show()

    def started(self, run: str) -> None:
        """Say that a run is at work."""
        self._waiting.discard(run)
        self._working[run] = time.monotonic()
        self._show()

    def ended(self, run: str, seconds: float, failed: bool) -> None:
        """Say that a run has ended."""
        self._working.pop(run, None)
        self._known[run] = seconds
        self._step()
        if self._verbose or not self._interactive:
            state = "failed after" if failed else "done in"
            after = f"{self._done} of {self._total} steps{self._left_words()}"
            say(f"{run}: {state} {seconds:.1f} s ({after})")

    @contextmanager
    def rendering(self) -> Iterator[None]:
        """Say that the pages are being written, and at the end that they are."""
        self._rendering = time.monotonic()
        self._show()
        yield
        self._step()

    def left(self) -> float | None:
        """Return about how many seconds are left; None if nothing is known."""
        now = time.monotonic()
        if self._rendering is not None:
            return max(0.0, (self._pages or 0.0) - (now - self._rendering))
        if not self._known:
            return None
        usual = mean(self._known.values())
        at_work = {run: self._known.get(run, usual) - now + b for run, b in self._working.items()}
        ahead = sum(self._known.get(run, usual) for run in self._waiting)
        ahead += sum(max(0.0, left) for left in at_work.values())
        longest = max(at_work.values(), default=0.0)
        return max(ahead / max(1, len(at_work)), longest) + (self._pages or 0.0)

    def _left_words(self) -> str:
        left = self.left()
        return "" if left is None or left < 0.5 else f", about {left:.0f} s left"

    def _step(self) -> None:
        self._done += 1
        self._bar.update()
        self._show()

    def _show(self) -> None:
        seconds = f"{time.monotonic() - self._begun:.0f} s{self._left_words()}"
        busy = "pages" if self._rendering is not None else ", ".join(list(self._working))
        self._bar.set_description_str(f"{seconds}: {busy}" if busy else seconds)

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            self._show()
