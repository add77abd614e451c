#!/bin/sh
# Makes .venv from the hashed lock. Called by make when .venv is missing, half made or outdated.
set -eu
say() { printf '%s\n' "$*" >&2; }
if command -v flock >/dev/null 2>&1 && [ -z "${ENVIRONMENT_LOCKED:-}" ]; then
    # two makes at once: the second waits, then finds the work done
    exec env ENVIRONMENT_LOCKED=1 flock .venv.lock sh "$0"
fi
cmp -s requirements.lock .venv/requirements.lock && exit 0
chosen=
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
        chosen=$python
        break
    fi
done
if [ -z "$chosen" ]; then
    say "missing: Python 3.11, 3.12 or 3.13 with venv (tried: ${PYTHON:-python3 python3.13 python3.12 python3.11}); install it or name it: make PYTHON=..."
    exit 2
fi
say "Making .venv from requirements.lock (once; a minute or two) ..."
rm -rf .venv
"$chosen" -m venv .venv
pip() { .venv/bin/python -m pip --disable-pip-version-check --quiet "$@"; }
# the back ends first, so that nothing outside the lock is fetched to build a package
backends=$(mktemp)
trap 'rm -f "$backends"' EXIT
.venv/bin/python - >"$backends" <<'PY'
import re
text = open("requirements.lock", encoding="utf-8").read()
wanted = ("setuptools", "wheel", "packaging")
for block in re.split(r"\n(?=\S)", text):
    if re.match(rf"(?:{'|'.join(wanted)})==", block):
        print(block)
PY
pip install --require-hashes -r "$backends"
pip install --require-hashes --no-build-isolation -r requirements.lock
pip install --no-deps --no-build-isolation -e .
cp requirements.lock .venv/requirements.lock
