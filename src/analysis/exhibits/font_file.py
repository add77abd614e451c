"""The font file with Chinese characters that figures and pages use."""

from importlib.util import find_spec
from pathlib import Path

NAME = "NotoSansSC-Regular.ttf"


def font_file() -> Path:
    """Return Noto Sans SC (SIL Open Font License) as it comes with `zhplot`, which stays unloaded.

    Raises:
        FileNotFoundError: `zhplot` is not installed, or has it no more.
    """
    spec = find_spec("zhplot")
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in Path(folder).rglob(NAME):
            return path
    raise FileNotFoundError(f"{NAME}: not in the package zhplot; install what the lock names")
