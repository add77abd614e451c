"""Whatever lies in a study's folder is read or refused by name: nothing hangs, leads out or is lost."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from study.tools import Find, cell, edit, replace, rows_of, seal, write_rows
from support import ROOT, SMALL, SMALL_WAVE, refused_command

from analysis.publish.sweep import read_grid
from analysis.study import LONGEST, MOST, StudyError, study_folder
from analysis.study.files import DEEPEST, LARGEST, MOST_THINGS, read_yaml
from analysis.study.guard import declare_checked, read_bytes
from analysis.study.load import load_study
from analysis.study.settle import settle
from analysis.study.study import Study

SHOWN = f"data/{SMALL}"
NAMED = ("study.yaml", "leaders.csv", "passes/SHA256SUMS", "passes/b/pass.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The study of three pilots, in a repository of its own."""
    return Path(shutil.copytree(ROOT / "tests" / "fixtures" / SMALL, tmp_path / "data" / SMALL))


def load(folder: Path) -> Study:
    """Load all that a report reads before it runs anything."""
    study = load_study(SMALL, SMALL_WAVE, folder.parents[1])
    study.alternatives()
    return study


def refused(folder: Path) -> str:
    with pytest.raises(StudyError) as caught:
        load(folder)
    return str(caught.value)


def in_place_of(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _: None, "missing; put "),
        (lambda path: path.symlink_to("nowhere"), "a link to nothing; put the file back"),
        (lambda path: path.symlink_to(path.name), "cannot be read (Too many levels of symbolic"),
        (lambda path: path.mkdir(), "cannot be read (Is a directory); put a readable file there"),
        (lambda path: os.mkfifo(path), "a pipe or device; put a regular file in its place"),
        (lambda path: path.symlink_to("/etc/hostname"), "a link out of the study's folder; put"),
    ],
    ids=["gone", "dangling", "loop", "folder", "pipe", "link out"],
)
def test_what_stands_in_a_files_place_is_named(
    folder: Path, name: str, make: Callable[[Path], object], said: str
) -> None:
    in_place_of(folder / name, make)
    if name == "study.yaml" and said.startswith("missing"):
        said = "no such study (no study.yaml there"
    assert said in refused(folder)
    assert refused(folder).startswith(
        "passes/" if "passes" in name and "out" not in said else "data/"
    )


def test_a_folder_that_leads_out_is_refused_and_one_that_leads_inside_is_followed(
    folder: Path, tmp_path: Path
) -> None:
    shutil.move(folder / "passes" / "b", tmp_path / "b")
    (folder / "passes" / "b").symlink_to(tmp_path / "b")
    assert refused(folder).startswith(f"{SHOWN}/passes/b: a link out of the study's folder; put")
    (folder / "passes" / "b").unlink()
    (folder / "passes" / "b").symlink_to("a")
    load(folder)
    (folder / "sources").mkdir()
    (folder / "sources" / "S00.txt").symlink_to("/etc/hostname")
    assert "SOURCES=folder" in refused(folder)
    root = folder.parents[1]
    assert refused_command(root, "settle").startswith(f"{SHOWN}/sources/S00.txt: a link out")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("leaders.csv", "Leaders.csv", f"{SHOWN}/Leaders.csv: no table of a study; allowed: sou"),
        ("rates.csv", "rates.CSV", f"{SHOWN}/rates.CSV: no table of a study; allowed: sources.csv"),
        ("passes/b", "passes/B", "passes/b/codings.csv: missing; put the file back"),
        ("passes/c/pass.yaml", "passes/c/pass.yml", "passes/c/pass.yml: not in passes/SHA256SUMS"),
        ("passes/c/projects.csv", "passes/c/p.csv", "passes/c/projects.csv: missing; put"),
        ("passes/alternatives.csv", "passes/alternative.csv", "passes/alternative.csv: not in"),
        ("passes", "Passes", "passes/SHA256SUMS: missing; put the file back"),
    ],
)
def test_a_slip_in_a_name_is_named(folder: Path, old: str, new: str, said: str) -> None:
    (folder / old).rename(folder / new)
    assert refused(folder).startswith(said)


@pytest.mark.parametrize("name", ["codings_1.csv", "passes/d/pass.yaml", "passes/d/Codings.CSV"])
def test_a_table_that_nobody_reads_is_named_and_other_files_are_not(
    folder: Path, name: str
) -> None:
    for other in (
        "codings (1).csv",
        "README.md",
        "notes.txt",
        "passes/.~lock.rulings.csv#",
        "passes/a/._x.csv",
    ):
        (folder / other).write_text("x", encoding="utf-8")
    load(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("a: 1\n", encoding="utf-8")
    assert f"{name}: no" in refused(folder)


def test_every_pass_is_there_or_the_study_is_refused(folder: Path) -> None:
    """Found: without its pass.yaml a pass was skipped, without the table 6 of 7 analyses went."""
    assert len(load(folder).alternatives()) == 1 + 3 + 3
    (folder / "passes" / "alternatives.csv").unlink()
    said = "passes/alternatives.csv: missing; put the file back, with its header at least"
    assert refused(folder) == said
    (folder / "passes" / "alternatives.csv").write_text("", encoding="utf-8")
    header = refused(folder).rpartition("allowed: ")[2].strip("'")
    (folder / "passes" / "alternatives.csv").write_text(f"{header}\n", encoding="utf-8")
    assert len(load(folder).alternatives()) == 1 + 3


@pytest.mark.parametrize(
    "line",
    [
        "", "abc", f"{'0' * 64} a/codings.csv", f"{'0' * 64}  ../study.yaml", f"{'0' * 64}  .",
        f"{'0' * 64}  /etc/hostname", f"{'0' * 64}  a/./codings.csv", f"{'0' * 64}  a//codings.csv",
        f"{'0' * 64}  a/codings.csv", f"{'0' * 64}  a/../a/codings.csv",
    ],
)  # fmt: skip
def test_an_odd_line_of_the_sums_is_named(folder: Path, line: str) -> None:
    sums = folder / "passes" / "SHA256SUMS"
    lines = sums.read_text(encoding="utf-8").splitlines()
    sums.write_text("\n".join([*lines, line, ""]), encoding="utf-8")
    allowed = "allowed: a SHA-256, two blanks, a file in passes/, each once"
    assert refused(folder) == f"passes/SHA256SUMS: line {len(lines) + 1}: value {line!r}; {allowed}"


@pytest.mark.parametrize(
    ("spelled", "said"),
    [
        ("levle: {Town: city}", "line 1: levle.Town: value 'Town'; allowed: of a variable of"),
        (
            "level:\n  county: city",
            "line 2: level.county: value 'county'; allowed: of a variable of the codebook, a spell",
        ),
    ],
)
def test_a_spelling_is_of_what_the_codebook_lacks(folder: Path, spelled: str, said: str) -> None:
    """So that a file of spellings that is lost is noticed by the values that it spelled."""
    (folder / "passes" / "spelling.yaml").write_text(f"{spelled}\n", encoding="utf-8")
    assert refused(folder).startswith(f"passes/spelling.yaml: {said}")


ALIASES = "\n".join(["a0: &a0 [x]", *(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]" for n in range(40))])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1]\n[1]: 2", "line 2: not readable as YAML: a map or a list as a key; write a word"),
        ("? {a: 1}\n: 2", "line 1: not readable as YAML: a map or a list as a key"),
        ("a: 1\n'': 2", "line 2: not readable as YAML: an empty key; write a word"),
        ("a: 1\na: 2", "line 2: not readable as YAML: key 'a' stands twice"),
        *((f"a: 1\nb: !!{tag}", f"line 2: not readable as YAML: the tag tag:yaml.org,2002:{name};")
          for tag, name in [
              ("timestamp x", "timestamp"), ("int abc", "int"), ("bool 7", "bool"),
              ("float {}", "float"), ("binary ä", "binary"), ("set {a, b}", "set"),
              ("omap [a: 1]", "omap"), ("merge x", "merge"),
              ("python/object/apply:os.getcwd []", "python/object/apply:os.getcwd"),
          ]),
        ("a: !mine 1", "line 1: not readable as YAML: the tag !mine; write the value alone"),
        ("a:\n  " + "{b: " * 500 + "1" + "}" * 500, f"line 2: not readable as YAML: maps and lists more than {DEEPEST} deep"),
        ("a: " + "[" * 50_000, f"line 1: not readable as YAML: maps and lists more than {DEEPEST}"),
        ("- " * 50_000, f"line 1: not readable as YAML: maps and lists more than {DEEPEST} deep"),
        (ALIASES, f"not readable as YAML: more than {MOST_THINGS} things, aliases repeated; write fewer"),
        ("a: &a {b: *a}", f"line 1: not readable as YAML: more than {MOST_THINGS} things"),
        ("a: *b", "line 1: not readable as YAML: found undefined alias"),
        ("a: 1\nb: \x07", "line 2: control character U+0007; save as plain UTF-8"),
        ("a: 1\nb: \0", "line 2: control character U+0000; save as plain UTF-8"),
        ('a: 1\nb: "\\0"', "line 2: not readable as YAML: a control character; take it out"),
        ("a:\n\tb: 1", "cannot start any token; indent with blanks"),
        ("a: 1\n---\nb: 2", "line 2: not readable as YAML: but found another document"),
        ("\ufeffa: 1", "line 1: starts with a byte order mark; save as UTF-8 without it"),
        ("a: " + "x" * LARGEST, "larger than 1 MB; allowed: no more than that"),
    ],
)  # fmt: skip
def test_yaml_that_is_no_plain_data_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_yaml(path, "grid.yaml")
    assert str(caught.value).startswith("grid.yaml: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030", "latin-1"])
@pytest.mark.parametrize("name", ["leaders.csv", "passes/SHA256SUMS"])
def test_another_encoding_is_named(folder: Path, name: str, encoding: str) -> None:
    text = (folder / name).read_text(encoding="utf-8").encode("ascii", "replace").decode()
    # the letter is one that the encoding writes otherwise than UTF-8
    (folder / name).write_bytes(f"{text}ä".encode(encoding))
    said = refused(folder)
    assert said.startswith(name if "passes" in name else f"{SHOWN}/{name}")
    assert "save as UTF-8" in said or "U+0000; save as plain UTF-8" in said
    assert ("now UTF-16" in said) == (encoding == "utf-16")


@pytest.mark.parametrize(
    "text", ["", "# only a comment", "word", "- a\n- b", "null", "{}", "2013-02-30", "<<: {a: 1}"]
)
@pytest.mark.parametrize("name", ["study.yaml", "passes/b/pass.yaml"])
def test_yaml_of_another_form_is_named(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    said = refused(folder)
    assert f"{name}: line 1: " in said
    assert all("; allowed: " in line for line in said.splitlines())


def test_scalars_are_text_as_written(tmp_path: Path) -> None:
    """YAML 1.1 would make 8, 90, 1.1, a date that is none, infinity and True of them."""
    words = ["010", "1:30", "1.10", "2013-02-30", "1e999", ".nan", "0x1f", "1_000", "true", "On"]
    path = tmp_path / "x.yaml"
    path.write_text(f"{{{', '.join(f'{w}: {w}' for w in words)}, none: ~}}", encoding="utf-8")
    expected = {word: word for word in words} | {"none": None}
    assert read_yaml(path, "x").content == expected
    path.write_text(f"a: {'9' * 5000}", encoding="utf-8")
    assert read_yaml(path, "x").content == {"a": "9" * 5000}


def test_a_message_shows_the_first_problems_and_how_many_more(folder: Path) -> None:
    """Found: 20,000 keys took the time of their square."""
    with (folder / "study.yaml").open("a", encoding="utf-8") as file:
        file.writelines(f"key{number}: {'x' * 9}\n" for number in range(20_000))
    said = refused(folder).splitlines()
    assert len(said) == MOST + 1
    assert said[-1] == f"and {20_000 - MOST} more problems"
    assert max(map(len, said)) <= LONGEST + len(" ...")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace(b",", b";"), "line 1: columns are separated by ';'; save with"),
        (lambda text: text.replace(b",", b"\t"), r"line 1: columns are separated by '\t'; save"),
        (lambda text: b"PK\3\4\x14\0\x99\xff" + text, "(line 1, now a spreadsheet or zip archive)"),
        (lambda text: b"\xd0\xcf\x11\xe0" + text, "now a spreadsheet of old Excel"),
        (lambda text: text + b'"', "line 8: not CSV: unexpected end of data"),
        (lambda text: text + b"x" * 10_000_000, "line 8: not CSV: field larger than field limit"),
        (lambda text: text.replace(b"\n", b"\n\0", 1), "line 2: control character U+0000; save"),
        (lambda text: b"\xef\xbb\xbf" + text, "line 1: starts with a byte order mark; save as UTF-8"),
        (lambda _: b"", "line 1: column 'pilot_id' is missing; column 'role' is missing"),
    ],
)  # fmt: skip
def test_a_table_of_another_form_is_named_as_what_it_is(
    folder: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    path = folder / "leaders.csv"
    lines = path.read_bytes().count(b"\n") + 1
    path.write_bytes(change(path.read_bytes()))
    found = refused(folder)
    assert found.startswith(f"{SHOWN}/leaders.csv: ")
    assert said.replace("line 8", f"line {lines}") in found


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_other_ends_of_lines_change_nothing(folder: Path, end: str) -> None:
    before = load(folder).tables["leaders.csv"]
    path = folder / "leaders.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", end.encode()))
    assert load(folder).tables["leaders.csv"].equals(before)


def test_a_file_larger_than_allowed_is_not_read(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(StudyError, match=r"^x: larger than 64 MB; allowed: no more than that$"):
        read_bytes(path, "x")
    path.rename(folder / "rates.csv")
    with pytest.raises(StudyError, match=r"rates\.csv: larger than 64 MB"):
        declare_checked(folder)


@pytest.mark.parametrize(
    "name", ["x" * 300, "a/b", "a b", "[a]", "*", "a\nb", "..", "\udc80", "a\0"]
)
def test_an_odd_name_of_a_study_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(StudyError, match=r"no such study .*; studies: three$"):
        study_folder(name, folder.parents[1])


def test_an_odd_wave_and_a_long_path_of_a_grid_are_refused(folder: Path, tmp_path: Path) -> None:
    for wave in ("x" * 300, "../..", "a\nb", "\udc80"):
        with pytest.raises(StudyError, match=rf"no .*; declared: {SMALL_WAVE}$|\.\.\.$"):
            load_study(SMALL, wave, folder.parents[1])
    with pytest.raises(StudyError, match="no such file; name the YAML file with the grid"):
        read_grid(tmp_path / ("x" * 300))
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(StudyError, match=r"^pipe\.yaml: a pipe or device"):
        read_grid(tmp_path / "pipe.yaml")


def test_values_of_a_grid_that_mean_the_same_stand_once(tmp_path: Path) -> None:
    path = tmp_path / "grid.yaml"
    path.write_text("notebook: multiverse\ngrid:\n  seed: [1, 01]\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"line 3: grid\.seed\.1: value '01' stands twice"):
        read_grid(path)


def test_settling_writes_whole_tables_and_through_no_link(folder: Path, tmp_path: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in ("codings.csv", "projects.csv")}
    mine = tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    for name in before:
        in_place_of(folder / name, lambda path: path.symlink_to(mine))
        (folder / f"{name}.new").symlink_to(mine)
    settle(folder)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert not [name for name in before if (folder / name).is_symlink()]
    in_place_of(folder / "codings.csv", lambda path: path.mkdir())
    with pytest.raises(StudyError, match=r"codings\.csv: cannot be written \(Is a directory\)"):
        settle(folder)
    assert not list(folder.glob("*.new"))


@pytest.mark.parametrize(
    "name",
    [f"passes/{n}.csv" for n in ("rulings", "additions", "rulings_projects", "spans", "notes_zh")],
)
def test_settling_needs_each_of_its_files(folder: Path, name: str) -> None:
    before = (folder / "codings.csv").read_bytes()
    (folder / name).unlink()
    with pytest.raises(StudyError, match=rf"^{name}: missing; put the file back, with"):
        settle(folder)
    assert (folder / "codings.csv").read_bytes() == before


def test_many_open_cells_are_counted_after_the_mend(folder: Path) -> None:
    for coder, value in (("a", "1"), ("b", "2"), ("c", "3")):
        path = folder / "passes" / coder / "codings.csv"
        rows = rows_of(path)
        for row in rows:
            row["note"], row["confidence"] = value, "high"
            if row["span"]:
                row["span"] = f"0:{value}"
        write_rows(path, rows)
    seal(folder / "passes")
    with pytest.raises(StudyError, match=r"^passes/rulings\.csv: add a ruling for each of these"):
        settle(folder)


DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("name", "find", "column"),
    [
        ("pilots.csv", lambda row: row["order"] == "1", "order"),
        ("codings.csv", lambda row: row["span"] != "", "paragraph"),
        ("codings.csv", cell("birch", "projects_planned"), "value"),
        ("rates.csv", lambda row: row["count"] != "", "of"),
        ("context.csv", lambda row: row["value"] != "", "value"),
    ],
)
def test_a_number_has_an_end(folder: Path, name: str, find: Find, column: str) -> None:
    """Found: Python reads no whole number of more than 4,300 digits."""
    line = edit(folder / name, find, **{column: DIGITS})
    assert refused(folder).startswith(f"{SHOWN}/{name}: line {line}: column {column}: value '999")


def test_a_name_that_becomes_a_files_is_plain_and_short(folder: Path) -> None:
    """Found: a factor `../../x` gave pages outside of the build."""
    for name in ("../../x", "x" * 61, "a b"):
        shutil.copy(ROOT / "tests" / "fixtures" / SMALL / "study.yaml", folder)
        replace(folder / "study.yaml", "  leadership_change:", f"  {name}:")
        assert f"factors.{name}: value '{name[:60]}'; allowed: small letters, digits" in refused(
            folder
        )
    shutil.copy(ROOT / "tests" / "fixtures" / SMALL / "study.yaml", folder)
    edit(folder / "pilots.csv", lambda row: row["order"] == "1", pilot_id="x" * 61)
    assert "column pilot_id" in refused(folder)


def test_a_pass_without_a_row_for_a_cell_is_refused(folder: Path) -> None:
    """Found: it was outvoted, and read as silent where its coding alone was asked for."""
    path = folder / "passes" / "b" / "codings.csv"
    rows = [
        row for row in rows_of(path) if (row["pilot_id"], row["variable"]) != ("birch", "stage")
    ]
    write_rows(path, rows)
    seal(folder / "passes")
    said = "passes/b/codings.csv: 2020-06, birch, stage: no row; write one, silent if need be"
    assert refused(folder) == said
    with pytest.raises(StudyError, match=said):
        settle(folder)


@pytest.mark.parametrize(
    "named", ["paragraph.x", "where", "paragraph:>9999999999", "0", "label[0]"]
)
def test_a_note_names_nothing_but_its_words(folder: Path, named: str) -> None:
    path = folder / "codebook.yaml"
    text = path.read_text(encoding="utf-8").replace("{paragraph}", f"{{{named}}}")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"codebook\.yaml: line \d+: notes\.coded\.en: ") as caught:
        settle(folder)
    assert f"value {named!r}; allowed: {{label}}, {{value}}, {{paragraph}}" in str(caught.value)
