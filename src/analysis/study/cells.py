"""The values of one variable for some pilots, as numbers that a method takes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True)
class Cells:
    """Numbers for pilots, in the order of the notice; they cannot be changed in place.

    `values`: floats, shape (pilots,), NaN where unknown. `known`: bool, shape (pilots,), False
    where the value is NaN or was filled by an assumption. Passes as an array to any method.
    """

    variable: str
    pilots: tuple[str, ...]
    values: NDArray[np.float64]
    known: NDArray[np.bool_]

    def __post_init__(self) -> None:
        self.values.flags.writeable = self.known.flags.writeable = False

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.float64]:
        return np.array(self.values, dtype=dtype)

    def __len__(self) -> int:
        return len(self.pilots)

    def __iter__(self) -> Iterator[float]:
        return iter(self.values.tolist())

    def where(self, value: float | None) -> tuple[str, ...]:
        """Return the pilots with this value; None asks for the unknown ones."""
        hit = np.isnan(self.values) if value is None else self.values == value
        return tuple(p for p, h in zip(self.pilots, hit, strict=True) if h)

    def count(self, value: float | None) -> int:
        """Return how many pilots have this value (None: unknown)."""
        return len(self.where(value))
