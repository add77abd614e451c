"""Words of pages that stand in no text of their own."""

from pathlib import Path

import pytest
from support import SMALL, copy_repository

from analysis.publish.pages import page_words
from notebook_build.project import BuildError


@pytest.mark.parametrize("damage", [b"a: [\n", b"\xce\xc4: x\n", b""])
def test_a_damaged_list_of_words_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    root = copy_repository(tmp_path / "copy", SMALL)
    path = root / "report" / "text" / "en" / "words.yaml"
    path.write_bytes(path.read_bytes() + damage if damage else b"")
    monkeypatch.setenv("ANALYSIS_ROOT", str(root))
    page_words.cache_clear()
    with pytest.raises(BuildError, match=r"^report/text/en/words\.yaml: no list of words"):
        page_words("en")
    page_words.cache_clear()
