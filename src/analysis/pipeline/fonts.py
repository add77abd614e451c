"""A font with the characters of the pages only, for machines without a Chinese font."""

from pathlib import Path

import zhplot
from fontTools import subset


def write_subset(text: str, target: Path) -> None:
    """Write Noto Sans SC cut to the characters of `text`; the same text gives the same bytes."""
    options = subset.Options(recalc_timestamp=False, notdef_outline=True)
    font = subset.load_font(str(source()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(set(text))))
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def source() -> Path:
    """Return the font file that comes with `zhplot` (SIL Open Font License)."""
    return next(Path(zhplot.__file__).parent.rglob("NotoSansSC-Regular.ttf"))
