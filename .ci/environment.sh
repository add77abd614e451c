#!/bin/sh
# Makes .venv from the hashed lock where it is missing, half made, outdated or of another folder.
# Called by every target of the Makefile; when nothing is to be done it takes a few milliseconds.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
here=$(pwd -P)

say() { printf '%s\n' "$*" >&2; }

# The copy of the lock is written last. A copied or renamed folder has another folder's package.
is_made() {
    cmp -s requirements.lock .venv/requirements.lock && [ -x .venv/bin/python ] &&
        grep -qsxF "$here/src" .venv/lib/python*/site-packages/*.pth
}

# The project's kernelspec and its entry points come with the package, and change without the lock.
is_placed() {
    cmp -s src/notebook_build/forked/kernel.json .venv/share/jupyter/kernels/forked/kernel.json &&
        cmp -s pyproject.toml .venv/pyproject.toml
}

# Writes why a command cannot be used, or nothing if it can.
fault() {
    "$1" -c '
import sys
if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit("is Python %d.%d" % sys.version_info[:2])
try:
    import ensurepip, venv
except ImportError:
    sys.exit("has no venv module; on Debian and Ubuntu install python%d.%d-venv" % sys.version_info[:2])
' 2>&1 >/dev/null || [ $? = 1 ] || echo "not found"
}

find_python() {
    faults=
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3 python3.13 python3.12 python3.11; fi
    for python in "$@"; do
        found=$(fault "$python" | tail -n 1)
        if [ -z "$found" ]; then return; fi
        faults="$faults${faults:+, }$python: $found"
    done
    say "missing: Python 3.11, 3.12 or 3.13 with venv ($faults); name another with: make PYTHON=/path/to/python3"
    exit 2
}

# Runs this script again under a lock that ends with the process: a second make waits, then finds
# the work done. Python's fcntl is everywhere; the command flock is not (macOS).
hold_lock() {
    exec "$python" -c '
import fcntl, os, sys
lock = os.open(".venv.lock", os.O_RDWR | os.O_CREAT, 0o644)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Another make is making .venv: waiting for it ...", file=sys.stderr)
    fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.environ["ENVIRONMENT_PYTHON"] = sys.argv[1]
os.execvp("sh", ["sh", ".ci/environment.sh"])
' "$python"
}

place_package() {
    pip install --no-deps --no-build-isolation -e .
    cp pyproject.toml .venv/pyproject.toml
}

pip() {
    .venv/bin/python -m pip --disable-pip-version-check ${quiet:+"$quiet"} "$@" >&2
}

quiet=-qq
# at a terminal pip itself shows how far it is
if [ -n "${VERBOSE:-}" ] || [ -t 2 ]; then quiet=; fi

make_environment() {
    say "Making .venv from requirements.lock (once; a minute or two) ..."
    rm -f .venv/requirements.lock
    rm -rf .venv
    say "  1 of 4: an empty environment"
    "$1" -m venv .venv
    say "  2 of 4: $(grep -c '^[^ #]' requirements.lock) libraries: fetched, checked, installed (the longest step)"
    # wheels alone: to build a package something outside the lock would be fetched
    pip install --require-hashes --only-binary :all: --no-compile -r requirements.lock
    say "  3 of 4: this package"
    place_package
    say "  4 of 4: everything is compiled"
    # on all cores, which pip cannot; a matter of speed only
    .venv/bin/python -m compileall -q -j 0 "$here/.venv/lib" >/dev/null 2>&1 || true
    cp requirements.lock .venv/requirements.lock
}

if is_made && is_placed; then exit 0; fi
if [ ! -f requirements.lock ]; then
    say "missing: requirements.lock; restore it: git checkout requirements.lock"
    exit 2
fi
if [ ! -w . ]; then
    say "missing: permission to write in $here"
    exit 2
fi
if [ -z "${ENVIRONMENT_PYTHON:-}" ]; then
    find_python
    hold_lock
fi
trap '[ $? = 0 ] || say ".venv is not complete: see above (network? disk?). The next make starts it anew."' EXIT
if is_made; then place_package; else make_environment "$ENVIRONMENT_PYTHON"; fi
