"""Boolean minimisation: prime implicants, and all smallest sets of them that cover what is to be.

An implicant over k conditions is a tuple of 1, 0 or -1 (left out). All 3^k are held in one array
with three places an axis: 0, 1, left out.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Implicant = tuple[int, ...]
# rows looked at in the search for covers before it gives up: a second or two
EFFORT = 2_000_000


def prime_implicants(positive: Iterable[Implicant], allowed: NDArray[np.bool_]) -> list[Implicant]:
    """Return the prime implicants that cover a positive configuration.

    `allowed`: shape (2,) * k, the configurations an implicant may cover; the positive ones are.

    Source:
        McCluskey (1956), Bell System Technical Journal 35:1417.
    """
    wanted = np.zeros_like(allowed)
    for configuration in positive:
        wanted[configuration] = True
    legal, useful = allowed, wanted
    for axis in range(allowed.ndim):
        legal, useful = (
            np.concatenate([part, joined], axis=axis)
            for part, joined in (
                (legal, legal.all(axis=axis, keepdims=True)),
                (useful, useful.any(axis=axis, keepdims=True)),
            )
        )
    prime = legal & useful
    for axis in range(allowed.ndim):
        # what stays legal without a literal is not prime with it
        dropped = np.take(legal, [2], axis=axis)
        keeps = np.take(prime, [2], axis=axis)
        prime = np.concatenate([np.take(prime, [0, 1], axis=axis) & ~dropped, keeps], axis=axis)
    return [tuple(-1 if i == 2 else i for i in found) for found in np.argwhere(prime).tolist()]


def covers(implicant: Implicant, configuration: Implicant) -> bool:
    """Return whether a configuration lies in an implicant."""
    return all(a in (-1, b) for a, b in zip(implicant, configuration, strict=True))


def smallest_covers(
    positive: Sequence[Implicant], primes: Sequence[Implicant]
) -> list[tuple[int, ...]] | None:
    """Return every smallest set of primes (their positions) that covers all that is positive.

    None if the search was given up. A row holds the primes that cover one configuration, as the
    bits of a number; rows that hold all of another row's are implied by it and left out. Sizes are
    tried from the smallest; of the rows left the one with the fewest choices is branched on.

    Source:
        Petrick (1956), as a search by growing size.
    """
    choices = {sum(1 << i for i, p in enumerate(primes) if covers(p, c)) for c in positive}
    rows = sorted(
        (row for row in choices if not any(o != row and o & row == o for o in choices)),
        key=int.bit_count,
    )
    effort = [0]
    for size in range(1, len(rows) + 1):
        found: set[tuple[int, ...]] = set()
        if not _search(rows, (), 0, size, found, effort):
            return None
        if found:
            return sorted(found)
    return []


def _search(
    rows: list[int],
    chosen: tuple[int, ...],
    banned: int,
    left: int,
    found: set[tuple[int, ...]],
    effort: list[int],
) -> bool:
    """Add every cover with `left` more primes; return False if the effort is used up."""
    effort[0] += len(rows) + 1
    if effort[0] > EFFORT:
        return False
    if not rows:
        found.add(tuple(sorted(chosen)))
        return True
    if _needed(rows) > left:
        return True
    open_choices = min((row & ~banned for row in rows), key=int.bit_count)
    while open_choices:
        bit = open_choices & -open_choices
        open_choices ^= bit
        rest = [row for row in rows if not row & bit]
        if not _search(rest, (*chosen, bit.bit_length() - 1), banned, left - 1, found, effort):
            return False
        # covers with this prime are all found: the next branches go without it
        banned |= bit
    return True


def _needed(rows: list[int]) -> int:
    """Return how many primes are needed at least: rows no two of which share a prime."""
    used = count = 0
    for row in rows:
        if not used & row:
            used |= row
            count += 1
    return count
