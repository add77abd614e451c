"""What is shown: tables and figures in every language, and the few charts that notebooks share."""

from importlib.util import find_spec
from pathlib import Path

FONT = "NotoSansSC-Regular.ttf"
# where a page puts the links to the data of an exhibit
LINKS = "<!-- links -->"


def font_file() -> Path:
    """Return Noto Sans SC (SIL Open Font License) as it comes with `zhplot`, which stays unloaded.

    Raises:
        FileNotFoundError: `zhplot` is not installed, or has it no more.
    """
    spec = find_spec("zhplot")
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in Path(folder).rglob(FONT):
            return path
    raise FileNotFoundError(f"{FONT}: not in the package zhplot; install what the lock names")
