"""A font with the characters of the pages only, for machines without a Chinese font."""

from pathlib import Path

from fontTools import subset

from analysis.exhibits.font_file import font_file


def write_subset(text: str, target: Path) -> None:
    """Write Noto Sans SC cut to the characters of `text`; the same text gives the same bytes."""
    options = subset.Options(recalc_timestamp=False, notdef_outline=True)
    font = subset.load_font(str(font_file()), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(set(text))))
    cutter.subset(font)
    subset.save_font(font, str(target), options)
