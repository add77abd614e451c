"""Run the commands: `python -m analysis`."""

import gc
import os
import sys
from contextlib import suppress

from notebook_build import interrupts

# pandera would import it where it is installed, to make up examples: nothing here asks for any
sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]


def main() -> None:
    """Run a command; a report that is up to date already is only pointed to."""
    # nearly all that is made stays: a tenth of the time went into looking for what does not
    gc.set_threshold(100_000)
    # in place of streams that are closed: else files get their numbers, and are written into
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout, sys.stderr = sys.stdout or os.fdopen(1, "w"), sys.stderr or os.fdopen(2, "w")
    # libraries ask for the working folder, which may have been removed
    try:
        os.getcwd()
    except FileNotFoundError:
        os.chdir("/")
    interrupts.end_at_once()
    if sys.argv[1:] == ["report"] and _up_to_date():
        return
    from analysis.cli import main as commands

    commands()


def _up_to_date() -> bool:
    """Point to a report that is up to date; else get ready for what it looks as if must be run."""
    from analysis.publish.inputs import last_report, project_of
    from analysis.study import StudyError, chosen_study, root, study_folder

    # the command says what is wrong, and how to mend it
    with suppress(StudyError, OSError):
        place = root()
        study = chosen_study(os.environ.get("STUDY", ""))
        folder = study_folder(study, place)
        found, must_run = last_report(place, os.environ)
        if found is not None:
            # at once: at its end Python would complain that nobody reads
            for stream, said in (2, "nothing to do: the report is up to date"), (1, str(found)):
                with suppress(OSError):
                    os.write(stream, os.fsencode(f"{said}\n"))
            return True
        forked = os.environ.get("KERNEL", "") in ("", "forked") and sys.platform == "linux"
        here = os.environ.get("EXECUTOR", "") in ("", "local")
        if forked and here and must_run:
            from analysis.study.guard import declare_checked
            from notebook_build.project import begin

            # runs need not check what this process will have checked
            declare_checked(folder)
            begin(project_of(study, place))
    return False


if __name__ == "__main__":
    main()
