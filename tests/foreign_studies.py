"""Two studies from elsewhere, made up: every place, person, sum and register in them is invented.

`clinics`: ten units, English alone, one pass by a person, reasons for some of those named, sums in
reais. It has no stages, batches, windows, projects, requirements. `harbours`: three hundred units
in two languages, everything known from a register; no text, no reasons.
"""

from pathlib import Path
from typing import Any

import yaml

from analysis.study.codebook import Codebook
from analysis.study.declaration import Declaration
from analysis.study.schemas import Schemas
from analysis.study.settle import settle, write
from notebook_build import sha256

CLINICS, HARBOURS, WAVE = "clinics", "harbours", "2021-03"
YES_NO = {"yes": {"en": "yes"}, "no": {"en": "no"}}
NOTES = {
    "silent": {"en": "Nothing is said on: {label}."},
    "coded": {"en": "{label}: {value} (paragraph {paragraph})."},
    "coded_elsewhere": {"en": "{label}: {value}."},
    "project": {"en": "Named in paragraph {paragraph}."},
    "project_without_domain": {"en": "Named in paragraph {paragraph}."},
}
NAMES = [
    "Arcos",
    "Brejo",
    "Cedro",
    "Dunas",
    "Esteio",
    "Furnas",
    "Gruta",
    "Horto",
    "Ipê",
    "Jacarandá",
]


def clinics(root: Path, name: str = CLINICS, *, silent: bool = False) -> Path:
    """Write the study of ten clinics into `root/data`; `silent`: nothing is said but who is late."""
    study: dict[str, Any] = {
        "study": name,
        "title": {"en": "Ten clinics that were to open in the evening"},
        "province": {"en": "Vale Novo"},
        "waves": {WAVE: {"month": WAVE, "source_id": "S00"}},
        "main_outcome": "late",
        "outcomes": {
            "late": {
                "variable": "late",
                "event": ["yes"],
                "label": {"en": "named as late"},
                "other": {"en": "not named as late"},
            }
        },
        "causes": ["hiring_freeze", "late_funds"],
        "factors": {
            "hiring_freeze": {
                "label": {"en": "hiring freeze"},
                "question": {"en": "Did freezes of hiring make clinics late?"},
                "named_cause": True,
                "coded": _coded("hiring_freeze", "hiring was frozen", "hiring was not frozen"),
                "limits": [{"en": "The letter does not say since when."}],
                "ask": [{"en": "The weeks in which each clinic could not hire."}],
            },
            "late_funds": {
                "label": {"en": "late funds"},
                "question": {"en": "Did funds that came late make clinics late?"},
                "named_cause": True,
                "coded": _coded("late_funds", "funds came late", "funds came in time"),
                "ratio": {
                    "id": "income-per-head",
                    "numerator": "income",
                    "denominator": "people",
                    "cut": "below_median",
                    "year": 2020,
                    "years": [2019, 2020],
                    "unit": "per_head",
                    "sentence": {
                        "en": "{name}: income of BRL {value:0} a head ({year}; {years}). {said}"
                    },
                    "in_year": {"en": "{year}: {value:0}"},
                    "label": {"en": "income a head"},
                    "said_with": {"en": "It says nothing of when funds came."},
                },
                "ask": [{"en": "The day on which each payment came."}],
            },
            "size": {
                "label": {"en": "size"},
                "question": {"en": "Are small clinics late more often?"},
                "post_hoc": True,
                "curve": True,
                "coded": {
                    "variable": "size",
                    "one": ["small"],
                    "zero": ["large"],
                    "yes_label": {"en": "small clinics"},
                    "no_label": {"en": "large clinics"},
                },
                "ask": [{"en": "The staff of each clinic."}],
            },
        },
        "rivals": {"family": ["size"]},
        "multiverse": {
            "outcomes": {
                "named": {"label": {"en": "named as late"}, "reason": {"en": "the letter's list"}}
            }
        },
        "pages": {
            "document": {"en": "letter"},
            "document_title": {"en": "Letter on evening hours"},
            "issuers": {"en": "court of audit of Vale Novo"},
            "inspectors": {"en": "auditors"},
            "office": {"en": "clinic's manager"},
            "reason": "hiring_freeze",
            "pattern": "size",
        },
    }
    codebook: dict[str, Any] = {
        "version": "1",
        "variables": {
            "late": _variable("named as late", "outcome", YES_NO),
            "hiring_freeze": _variable("hiring freeze", "factor", YES_NO),
            "late_funds": _variable("late funds", "factor", YES_NO),
            "size": _variable(
                "size", "factor", {"small": {"en": "small"}, "large": {"en": "large"}}
            ),
            "budget_planned": {
                **_variable("budget", "outcome"),
                "kind": "money",
                "unit": "thousand BRL",
            },
        },
        "units": {
            "thousand BRL": {"of": "money", "worth": 1000, "words": {"en": "BRL {} thousand"}},
            "people": {"of": "persons", "worth": 1, "words": {"en": "{} people"}},
        },
        "figures": {
            "income": {"label": {"en": "income"}, "unit": "thousand BRL", "least": 0},
            "people": {"label": {"en": "people"}, "unit": "people", "least": 1, "whole": True},
        },
        "facts": {"level": {"own": {"en": "own"}}},
        "notes": NOTES,
    }
    if silent:
        study["rivals"] = {}
    text = [f"{clinic} is described here in a few words." for clinic in NAMES]
    text[0] = f"{NAMES[0]} 1200.5 is planned for the first."
    rows = []
    for n, clinic in enumerate(NAMES):
        told = {"late": "yes" if n < 4 else "no", "size": "small" if n % 3 else "large"}
        told |= {"hiring_freeze": "yes"} if n in (0, 1) else {"late_funds": "yes"} if n == 2 else {}
        told |= {"budget_planned": "1200.5"} if n == 0 else {}
        for variable in codebook["variables"]:
            said = "" if silent and variable != "late" else told.get(variable, "")
            place = {"term": said, "span": f"0:{len(f'{clinic} {said}')}"}
            place = place if said and variable == "budget_planned" else {}
            rows.append({**_row(clinic, variable, said, n + 1), **place})
    context = [
        {"pilot_id": _id(clinic), "variable": variable, "year": year, "value": value, "unit": unit,
         "level": "own", "source_id": "S01", "status": "verified"}
        for clinic in NAMES[:3]
        for year in ("2019", "2020")
        for variable, value, unit in (("income", "5400", "thousand BRL"), ("people", "900", "people"))
    ]  # fmt: skip
    pilots = [{"pilot_id": _id(n), "order": str(i), "short_en": n, "long_en": f"Clinic of {n}"}
              for i, n in enumerate(NAMES, 1)]  # fmt: skip
    coder = {"coder": "reader 1", "kind": "person", "date": "2021-05-01", "codebook": "1"}
    return _write(root, study, codebook, "\n".join(text), rows, pilots, coder, context)


def harbours(root: Path, name: str = HARBOURS, units: int = 300, every: int = 7) -> Path:
    """Write the study of harbours into `root/data`; `every`: so many, of which one is late."""
    said = {"en": "{}", "zh": "{}"}
    both = {"yes": {"en": "yes", "zh": "是"}, "no": {"en": "no", "zh": "否"}}
    regions = {r: {"en": f"{r} shore", "zh": f"{r}岸"} for r in ("east", "west", "south")}

    def variable(en: str, zh: str, levels: dict[str, Any]) -> dict[str, Any]:
        return {**_variable(en, "structure", levels), "label": {"en": en, "zh": zh}}

    study: dict[str, Any] = {
        "study": name,
        "title": {"en": "Harbours that were to renew their piers", "zh": "应翻修码头的港口"},
        "province": {"en": "Farshore", "zh": "远岸"},
        "waves": {WAVE: {"month": WAVE, "source_id": "S00"}},
        "main_outcome": "late",
        "outcomes": {
            "late": {
                "variable": "late",
                "event": ["yes"],
                "label": {"en": "registered as late", "zh": "登记为逾期"},
                "other": {"en": "registered as in time", "zh": "登记为按期"},
            }
        },
        "divisions_source": "S01",
        "factors": {
            "shore": {
                "label": {"en": "shore", "zh": "所在岸"},
                "question": {
                    "en": "Are harbours of the east late more often?",
                    "zh": "东岸港口是否更常逾期？",
                },
                "coded": {
                    "variable": "shore",
                    "one": ["east"],
                    "yes_label": {"en": "east", "zh": "东岸"},
                    "no_label": {"en": "elsewhere", "zh": "其他"},
                },
                "ask": [{"en": "The storms of each year.", "zh": "历年风暴。"}],
            }
        },
        "multiverse": {
            "outcomes": {
                "named": {
                    "label": {"en": "registered as late", "zh": "登记为逾期"},
                    "reason": {"en": "the register", "zh": "登记册"},
                }
            }
        },
        "pages": {"document": {"en": "register", "zh": "登记册"}, "pattern": "shore"},
    }
    codebook: dict[str, Any] = {
        "version": "1",
        "variables": {
            "late": variable("registered as late", "登记为逾期", both),
            "shore": variable("shore", "所在岸", regions),
        },
        "notes": {kind: {**said, "en": "Register.", "zh": "登记册。"} for kind in NOTES},
    }
    rows = []
    for n in range(units):
        rows.append(_row(f"h{n}", "late", "yes" if n % every == every - 1 else "no"))
        rows.append(_row(f"h{n}", "shore", ("east", "west", "south")[n % 3]))
    pilots = [
        {"pilot_id": f"h{n}", "order": str(n), "short_en": f"Quay {n}", "long_en": f"Harbour of Quay {n}",
         "short_zh": f"码头{n}", "long_zh": f"码头{n}港"}
        for n in range(units)
    ]  # fmt: skip
    coder = {"coder": "register", "kind": "register", "date": "2021-05-01", "codebook": "1"}
    return _write(root, study, codebook, "None.", rows, pilots, coder, [])


def _id(name: str) -> str:
    return name.lower().replace("ê", "e").replace("á", "a")


def _coded(variable: str, yes: str, no: str) -> dict[str, Any]:
    sides = {"yes_label": {"en": yes}, "no_label": {"en": no}}
    return {"variable": variable, "one": ["yes"], **sides}


def _variable(label: str, room: str, levels: dict[str, Any] | None = None) -> dict[str, Any]:
    kind = {"kind": "levels", "levels": levels} if levels else {}
    return {"label": {"en": label}, "room": room, "coded": "passes", **kind}


def _row(name: str, variable: str, value: str, paragraph: int | None = None) -> dict[str, str]:
    place = {"paragraph": str(paragraph), "span": f"0:{len(name)}"} if paragraph and value else {}
    status = "silent" if not value else "stated" if paragraph else "implied"
    about = {"wave": WAVE, "pilot_id": _id(name), "variable": variable, "value": value}
    return {**about, "status": status, "note": "As read.", "confidence": "high", **place}


def _write(
    root: Path,
    study: dict[str, Any],
    codebook: dict[str, Any],
    text: str,
    rows: list[dict[str, str]],
    pilots: list[dict[str, str]],
    coder: dict[str, str],
    context: list[dict[str, str]],
) -> Path:
    folder = root / "data" / study["study"]
    one = folder / "passes" / "first"
    (folder / "sources").mkdir(parents=True)
    one.mkdir(parents=True)
    for path, content in (
        (folder / "study.yaml", study), (folder / "codebook.yaml", codebook), (one / "pass.yaml", coder)
    ):  # fmt: skip
        path.write_text(
            yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
    (folder / "sources" / "S00.txt").write_text(text, encoding="utf-8")
    schemas = Schemas(Declaration.model_validate(study), Codebook.model_validate(codebook))
    sources = [
        {"source_id": source, "title_en": title, "title_zh": "当年名册", **dict.fromkeys(
            ("issuer", "date", "address", "what", "how", "retrieved", "terms", "citation", "sha256"),
            "not recorded")}
        for source, title in (("S00", "List of the year"), ("S01", "Register of the year"))
    ]  # fmt: skip
    tables: dict[str, tuple[str, list[dict[str, str]]]] = {
        "pilots.csv": ("pilots.csv", pilots),
        "sources.csv": ("sources.csv", sources),
        "context.csv": ("context.csv", context),
        **{name: (name, []) for name in ("leaders.csv", "rates.csv", "events.csv")},
        "passes/first/codings.csv": ("pass codings", rows),
        "passes/first/projects.csv": ("pass projects", []),
        "passes/rulings.csv": ("ruled codings", []),
        "passes/additions.csv": ("ruled codings", []),
        "passes/rulings_projects.csv": ("ruled projects", []),
        "passes/spans.csv": ("spans.csv", []),
        "passes/alternatives.csv": ("alternatives.csv", []),
    }
    for language in schemas.declared.languages[1:]:
        write(folder / f"passes/notes_{language}.csv", list(schemas.notes(language).columns),
              [{"note_en": "As read.", f"note_{language}": "如登记。"}])  # fmt: skip
    for name, (schema, content) in tables.items():
        write(folder / name, list(schemas.of(schema).columns), content)
    sums = [f"{sha256(one / name)}  first/{name}\n" for name in ("codings.csv", "projects.csv")]
    (folder / "passes" / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    settle(folder, folder / "sources" / "S00.txt")
    return folder
