"""How it runs: parameters, plan and keys, kernels, execution, the site."""

import sys

# a checker of addresses that jsonschema, hence nbformat, would import: it builds a grammar for a
# second of every process, and no notebook holds an address to check
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
