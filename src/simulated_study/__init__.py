"""Made-up studies with known effects, in the form of any study: `simulate(root, name, ...)`.

A programme is drawn with a seed (`true_effects`), its notice is written (`notice`) and coded three
times, facts from elsewhere are added (`tables`), and all of it is written as the files of a study
(`simulate`). What a method finds there can be held against what is true. The words of the notice,
the names and the declarations are data: they stand in `templates/`.
"""

from pathlib import Path
from typing import Any

import yaml

TEMPLATES = Path(__file__).parent / "templates"


def template(name: str) -> dict[str, Any]:
    """Return a YAML file of `templates/`, read anew: who fills it in may change it."""
    return dict(yaml.safe_load((TEMPLATES / name).read_text(encoding="utf-8")))


TEXTS = template("texts.yaml")
WAVE = "2020-06"
