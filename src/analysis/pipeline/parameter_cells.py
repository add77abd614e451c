"""Whether the `parameters` cell of a notebook says what is declared for it."""

import ast
import json
from pathlib import Path
from typing import Any

from analysis.pipeline.parameters import NOTEBOOKS, settable


def cell_problems(path: Path) -> list[str]:
    """Return how a notebook's `parameters` cell differs from its declaration; [] if it agrees."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    if len(tagged) != 1:
        return [f"{path.name}: {len(tagged)} cells tagged parameters; allowed: one"]
    found: dict[str, Any] = {}
    for node in ast.parse("".join(tagged[0]["source"])).body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            return [f"{path.name}: parameters: line {node.lineno}: allowed: name = literal"]
        found[node.targets[0].id] = ast.literal_eval(node.value)
    model = NOTEBOOKS[path.stem]
    problems = [
        f"{path.name}: parameters: {name} differs between cell and declaration"
        for name in sorted(set(found) ^ set(model.model_fields))
    ]
    for name, default in settable(path.stem).items():
        if name in found and found[name] != default:
            problems.append(
                f"{path.name}: parameters: {name} = {found[name]!r}, declared {default!r}"
            )
    return problems
