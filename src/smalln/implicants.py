"""Boolean minimisation: prime implicants, and all smallest sets of them that cover what is to be.

An implicant over k conditions is a tuple of 1, 0 or -1 (left out).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Implicant = tuple[int, ...]
Dropped = tuple[int, ...]
# rows looked at in the search for covers before it gives up: a second or two
EFFORT = 2_000_000
# prime implicants beyond which a search would not end in time
MOST_PRIMES = 20_000


def prime_implicants(positive: Iterable[Implicant], allowed: NDArray[np.bool_]) -> list[Implicant]:
    """Return the prime implicants that cover a positive configuration, in a fixed order.

    `allowed`: shape (2,) * k, the configurations an implicant may cover; the positive ones are.
    For every set of conditions left out, the implicants are the bits of one number, each at its
    configuration with those conditions 0: one operation treats them all, and a set without any is
    not looked into further.

    Source:
        McCluskey (1956), Bell System Technical Journal 35:1417.
    """
    k, wanted = allowed.ndim, np.zeros_like(allowed)
    for configuration in positive:
        wanted[configuration] = True
    absent, shift = _absent(k), [1 << (k - 1 - i) for i in range(k)]
    legal: dict[Dropped, int] = {(): _bits(allowed)}
    useful: dict[Dropped, int] = {(): _bits(wanted)}
    queue: list[Dropped] = [()]
    for dropped in queue:
        for i in range(dropped[-1] + 1 if dropped else 0, k):
            joined = legal[dropped] & (legal[dropped] >> shift[i]) & absent[i]
            if joined:
                more = (*dropped, i)
                legal[more] = joined
                useful[more] = (useful[dropped] | (useful[dropped] >> shift[i])) & absent[i]
                queue.append(more)
    found: list[Implicant] = []
    for dropped in queue:
        # what stays legal without one more condition is not prime with it
        prime = legal[dropped] & useful[dropped]
        for i in set(range(k)) - set(dropped):
            wider = legal.get(tuple(sorted((*dropped, i))), 0)
            prime &= ~(wider | (wider << shift[i]))
        found += _listed(prime, dropped, k)
    return sorted(found, key=lambda term: [2 if literal == -1 else literal for literal in term])


@lru_cache(maxsize=16)
def _absent(k: int) -> tuple[int, ...]:
    """Return for each condition the configurations in which it is 0, as the bits of a number."""
    return tuple(_bits(places == 0) for places in np.indices((2,) * k))


def _bits(members: NDArray[np.bool_]) -> int:
    """Return a set of configurations as the bits of a number, the last condition lowest."""
    return int.from_bytes(np.packbits(members.ravel(), bitorder="little").tobytes(), "little")


def _listed(members: int, dropped: tuple[int, ...], k: int) -> list[Implicant]:
    found = []
    while members:
        lowest = members & -members
        members ^= lowest
        place = lowest.bit_length() - 1
        literals = ((place >> (k - 1 - i)) & 1 for i in range(k))
        found.append(tuple(-1 if i in dropped else v for i, v in enumerate(literals)))
    return found


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
    if len(primes) > MOST_PRIMES:
        return None
    choices = _choices(positive, primes)
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


def _choices(positive: Sequence[Implicant], primes: Sequence[Implicant]) -> set[int]:
    """Return for each configuration the primes that cover it, as the bits of a number."""
    literal = np.array(primes)
    found = set()
    for configuration in positive:
        covering = ((literal == -1) | (literal == np.array(configuration))).all(axis=1)
        found.add(int.from_bytes(np.packbits(covering, bitorder="little").tobytes(), "little"))
    return found


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
