"""Run the commands: `python -m analysis`."""

import os
import sys


def main() -> None:
    """Run a command; a report that is up to date already is only pointed to."""
    if sys.argv[1:] == ["report"]:
        from analysis.pipeline.current import current
        from analysis.study.errors import StudyError
        from analysis.study.root import root

        try:
            found = current(root(), os.environ)
        except StudyError:
            found = None
        if found is not None:
            sys.stderr.write("nothing to do: the report is up to date\n")
            sys.stdout.write(f"{found}\n")
            return
    from analysis.cli import main as commands

    commands()


if __name__ == "__main__":
    main()
