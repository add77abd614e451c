"""Break a small study in thousands of ways: `python -m tests.fuzz 5000 --seed 7`.

Prints how many mutations were refused, changed nothing, or changed what they were to change, and
each that failed, with its number: `python -m tests.fuzz 1 --seed 7 --first 123` makes that one
again. The status is 1 if any failed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from .run import Fuzzer, told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        fuzzer = Fuzzer(Path(place) / "copy", asked.seed)
        numbers = range(asked.first, asked.first + asked.number)
        outcomes = []
        for number in numbers:
            outcomes.append(fuzzer.run(number))
            if outcomes[-1].failed:
                sys.stderr.write(f"{outcomes[-1]}\n")
    sys.stdout.write(told(outcomes) + "\n")
    return int(any(outcome.failed for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
