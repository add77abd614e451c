"""Which functions of some folders a thread calls: every one, whatever other threads do meanwhile.

What other threads call depends on who is quicker, so it is not looked at. From Python 3.12 on
cProfile follows all threads as one and loses calls where another returns: there `sys.monitoring`.
"""

import sys
from cProfile import Profile
from threading import get_ident
from types import CodeType
from typing import Any

_monitor: Any = getattr(sys, "monitoring", None)
if _monitor:
    # of the two ids that are nobody's: debuggers, coverage and profilers go on beside it
    _TOOL = next(number for number in (4, 3) if _monitor.get_tool(number) is None)
    _EVENTS = (_monitor.events.PY_START, _monitor.events.PY_RESUME)
    _monitor.use_tool_id(_TOOL, __name__)


class Calls:
    """The code of what is called from `begin` to `end`, in files whose paths begin `within`."""

    def __init__(self, within: tuple[str, ...]) -> None:
        self.within, self.codes, self._thread = within, set[CodeType](), 0
        self._profile = Profile(builtins=False, subcalls=False)

    def begin(self) -> None:
        """Begin, or go on, in this thread; whoever had not ended does so."""
        self._thread = get_ident()
        if _monitor:
            for event in _EVENTS:
                _monitor.register_callback(_TOOL, event, self._note)
            _monitor.set_events(_TOOL, sum(_EVENTS))
        else:
            self._profile.enable()

    def end(self) -> None:
        """End."""
        if _monitor:
            _monitor.set_events(_TOOL, 0)
        else:
            self._profile.disable()
            for each in self._profile.getstats():
                self._note(each.code)

    def _note(self, code: Any, _: int = 0) -> Any:
        if not getattr(code, "co_filename", "").startswith(self.within):
            return _monitor and _monitor.DISABLE
        return self.codes.add(code) if get_ident() == self._thread else None
