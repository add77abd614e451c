"""Incremental, forked and distributed builds of papermill notebooks; see README.md beside this.

- `project`: what a build is told of notebooks and their kernels; the manifest, and if it holds
- `build`: runs what has changed, takes over the rest, moves the result into place whole
- `reuse`: keys of runs, and what earlier builds hold
- `execute`, `dask_workers`: who runs notebooks, here or elsewhere; `notebook`: one of them
- `progress`, `interrupts`: what a person sees, and ^C
- `forked`: the kernel that starts from a process which has imported its libraries

It knows nothing of who uses it, and imports nothing of theirs.
"""

import sys

# a checker of addresses that jsonschema, hence nbformat, would import: it builds a grammar for a
# second of every process, and no notebook holds an address to check
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
