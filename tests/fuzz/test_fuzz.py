"""A study that is broken in any way is refused in words, unchanged, or changed as it was told."""

from pathlib import Path

import pytest

from .run import Fuzzer, told

# mutations of a process, each of another seed; thousands by `python -m tests.fuzz 5000`
EACH = 30


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_no_mutation_ends_in_a_traceback_or_a_silent_loss(tmp_path: Path, seed: int) -> None:
    fuzzer = Fuzzer(tmp_path / "copy", seed)
    outcomes = [fuzzer.run(number) for number in range(EACH)]
    assert not [outcome for outcome in outcomes if outcome.failed], told(outcomes)
    # all three ways are taken, so the mutations reach what they are meant to reach
    assert {outcome.kind for outcome in outcomes} == {"refused", "unchanged", "changed"}
