"""Which functions of some folders a thread calls: every one, whatever other threads do meanwhile.

What other threads call depends on who is quicker, so it is not looked at. From Python 3.12 on
cProfile follows all threads as if they were one and loses calls where another one returns; there
`sys.monitoring` tells, beside any debugger, coverage or profiler.
"""

import sys
from threading import get_ident
from types import CodeType

if sys.version_info >= (3, 12):
    _monitor = sys.monitoring
    # of the two ids that are nobody's; a library that takes one too keeps it
    _TOOL = next(number for number in (4, 3) if _monitor.get_tool(number) is None)
    _EVENTS = (_monitor.events.PY_START, _monitor.events.PY_RESUME)
    _monitor.use_tool_id(_TOOL, __name__)

    class Calls:
        """The code of what is called from `begin` to `end`, in files whose paths begin `within`."""

        def __init__(self, within: tuple[str, ...]) -> None:
            self.within, self.codes, self._thread = within, set[CodeType](), 0

        def begin(self) -> None:
            """Begin, or go on, in this thread; whoever had not ended does so."""
            self._thread = get_ident()
            for event in _EVENTS:
                _monitor.register_callback(_TOOL, event, self._note)
            _monitor.set_events(_TOOL, sum(_EVENTS))

        def end(self) -> None:
            """End."""
            _monitor.set_events(_TOOL, _monitor.events.NO_EVENTS)

        def _note(self, code: CodeType, _: int) -> object:
            if not code.co_filename.startswith(self.within):
                return _monitor.DISABLE
            if get_ident() == self._thread:
                self.codes.add(code)
            return None

else:
    from cProfile import Profile

    class Calls(Profile):
        """The code of what is called from `begin` to `end`, in files whose paths begin `within`."""

        def __init__(self, within: tuple[str, ...]) -> None:
            # in Python itself, a function called for every call, it would double a cell's time
            super().__init__(builtins=False, subcalls=False)
            self.within, self.begin, self.end = within, self.enable, self.disable

        @property
        def codes(self) -> set[CodeType]:
            """Return what was called so far."""
            codes = (each.code for each in self.getstats() if isinstance(each.code, CodeType))
            return {code for code in codes if code.co_filename.startswith(self.within)}
