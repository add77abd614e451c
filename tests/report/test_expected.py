"""Claims are as they were accepted: a number does not move unseen."""

from support import ROOT, STUDY, WAVE, Built

from analysis.publish.compare import compact, expected, moves, table


def test_claims_are_the_expected_ones(built: Built) -> None:
    found = moves(expected(ROOT)[f"{STUDY}/{WAVE}"], compact(built.claims.values()))
    mend = 'if meant: make report, then python -m analysis accept --because "..."'
    assert not found, "\n".join([*table(found), mend])
