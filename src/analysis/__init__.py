"""Why pilots lag: evaluating pilot programmes from thin, partial, one-sided evidence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.study.study import Study


def open_study(study: str | Study, wave: str = "", *, notebook: str = "") -> Study:
    """Return a study at one wave, loaded and checked; a study is taken as it is.

    In a notebook its cells are watched from here on: what each asks for is its claim's evidence.
    `notebook`: a name declared in `publish/parameters.py`, whose parameters are checked.

    Raises:
        StudyError: no such study or wave, or anything in its files breaks a rule; each problem on
            a line of its own: file, line, column, value, what is allowed. Or a parameter of the
            notebook has a value that is not allowed, or another than was given.
    """
    # importing the package alone stays light
    from analysis.study.load import load_study
    from analysis.study.study import Study

    opened = study if isinstance(study, Study) else load_study(str(study), str(wave))
    ipython = sys.modules.get("IPython")
    if ipython is not None and (shell := ipython.get_ipython()) is not None:
        from analysis.claims.cell import watch  # type: ignore[import-untyped, unused-ignore]
        from analysis.publish.parameters import check_given

        if notebook:
            check_given(shell.user_ns, notebook, opened)
        watch(opened)
    return opened
