"""The search of the pages: Sphinx's own words, each split, stemmed and highlighted once."""

from typing import Any

import pytest
from sphinx.search.en import SearchEnglish
from sphinx.search.zh import SearchChinese

from analysis.publish.sphinx_hooks import Chinese, English

TEXTS = (
    "吉林省智慧城市试点进展情况，被通报的有五个。 Named as slow:\n\t磐石市 stage 3, 3 of 13",
    "智慧城市 智慧城市试点\r\n公共信息平台 planned plans planning ID ids a 1",
    "",
)


@pytest.mark.parametrize(("ours", "own"), [(Chinese, SearchChinese), (English, SearchEnglish)])
def test_words_and_stems_are_those_of_sphinx(ours: Any, own: Any) -> None:
    kept, plain = ours({}), own({})
    for each in (kept, plain):
        each.init({})
    for _ in range(2):
        for text in TEXTS:
            found, expected = (
                {word for word in each.split(text) if each.word_filter(word) and word.strip()}
                for each in (kept, plain)
            )
            assert found == expected
            assert {w: kept.stem(w) for w in found} == {w: plain.stem(w) for w in found}
