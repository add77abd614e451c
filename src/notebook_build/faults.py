"""What a machine refuses: one line that says what, where and what mends it; the rest in a log."""

import errno
import os
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notebook_build import remove
from notebook_build.project import BuildError

ROOM = "make room there"
MENDS = {
    "give yourself the right to read and write there": (errno.EACCES, errno.EPERM, errno.EROFS),
    ROOM: (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    "move away what stands there": (errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ELOOP),
    "put it back": (errno.ENOENT,),
    "allow more open files (ulimit -n 4096)": (errno.EMFILE, errno.ENFILE),
    "end other programs, or allow more (ulimit -u, -v)": (errno.EAGAIN, errno.ENOMEM),
    "let what reads from it read to the end": (errno.EPIPE,),
}


def fault(error: BaseException) -> str | None:
    """Return what the machine refused, where, and what mends it; None for another kind of error."""
    number, where = getattr(error, "errno", None), getattr(error, "filename", None)
    if isinstance(error, MemoryError) or "can't start new thread" in str(error):
        number = errno.ENOMEM
    # what a library collected, or another process said
    elif number is None and (told := re.search(r"\[Errno (\d+)\](?:.*?: '(.+?)')?", str(error))):
        number, where = int(told[1]), told[2]
    elif number is None and not isinstance(error, OSError):
        return None
    mend = next((mend for mend, of in MENDS.items() if number in of), "see what ails it")
    written = f"build/ or the temporary folder {os.environ.get('TMPDIR', '/tmp')}"
    where = where or (written if mend == ROOM else "this machine")
    what = getattr(error, "strerror", None) or (os.strerror(number) if number else error)
    return f"{where}: {what}; {mend}, and run it again"


def failed(target: Path) -> Path:
    """Return the folder for what is left of a build that failed, emptied."""
    remove(folder := target.with_name(f"{target.name}.failed"))
    folder.mkdir()
    return folder


@contextmanager
def logged(target: Path) -> Iterator[None]:
    """Write what is behind an error into a log, and say where, if it is no message alone."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, BuildError) or error.__cause__:
            # it may be the disk that fails
            with suppress(OSError):
                log = failed(target) / "log.txt"
                log.write_text(traceback.format_exc(), encoding="utf-8")
                error.add_note(f"see {log}")
        raise
