"""What Sphinx has read and written, kept beside a build: the next one renders what has changed.

Sphinx decides by itself which pages to read and write again, but does not see that a page refers to
another whose heading or anchor has changed. So all are rendered anew unless the frame is the same:
every file that is no page, and the names, headings and anchors of the pages.
"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from analysis.publish.inputs import CHECKOUT, LOCK
from analysis.publish.rendering import Job
from notebook_build import digest, python_version, sha256

PAGES = (".md", ".ipynb")
EXTENSION = Path(__file__).with_name("sphinx_hooks.py")
# pages that say which pages there are
LISTS = ("index.md", "notebooks.md")
HEADING = re.compile(r"^#.*$|\bid=\"[^\"]+\"|\{#[^}]+\}|^\([^)\n]*\)=", re.MULTILINE)


@dataclass(frozen=True)
class KeptPages:
    """The folder of one language: pages as given to Sphinx, what it read, what it wrote."""

    folder: Path

    @property
    def job(self) -> Job:
        """Return what the renderer is told."""
        return Job(self.folder / "source", self.folder / "doctrees", self.folder / "out")

    def take(self, pages: Path) -> None:
        """Take in the pages of a build, so that Sphinx sees what changed; `pages` is used up.

        Until `done` the folder counts as unfinished, and the next build begins from nothing.
        """
        frame, mark = frame_of(pages), self.folder / "frame"
        same = mark.is_file() and mark.read_text(encoding="ascii") == frame
        if not same or not self.job.source.is_dir():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            pages.rename(self.job.source)
        else:
            mark.unlink()
            # Sphinx marks a style sheet that it finds there already with a hash of its content
            shutil.rmtree(self.job.out / "_static", ignore_errors=True)
            _replace(pages, self.job.source)
            shutil.rmtree(pages)
        (self.folder / "frame.next").write_text(frame, encoding="ascii")

    def done(self, site: Path) -> None:
        """Copy what Sphinx wrote to `site`, and count the folder as finished."""
        shutil.copytree(self.job.out, site)
        _drop_lost_words(site / "searchindex.js")
        (self.folder / "frame.next").rename(self.folder / "frame")


def _replace(new: Path, old: Path) -> None:
    """Write over the pages that differ; the others keep the times by which Sphinx knows them."""
    for path in (p for p in new.rglob("*") if p.is_file() and p.suffix in PAGES):
        target = old / path.relative_to(new)
        if target.read_bytes() != path.read_bytes():
            path.replace(target)


def _drop_lost_words(index: Path) -> None:
    """Drop the words that no page holds any more, which Sphinx keeps with an empty list."""
    before, opened, rest = index.read_text(encoding="utf-8").partition("(")
    entries = json.loads(rest.removesuffix(")"))
    for words in (entries["terms"], entries["titleterms"]):
        for word in [word for word, pages in words.items() if pages == []]:
            del words[word]
    text = json.dumps(entries, separators=(",", ":"), sort_keys=True)
    index.write_text(f"{before}{opened}{text})", encoding="utf-8")


def frame_of(pages: Path) -> str:
    """Return one hash of all that a page can show of others, and of what renders them."""
    parts = [python_version(), sha256(EXTENSION)]
    if (lock := CHECKOUT / LOCK).is_file():
        parts.append(sha256(lock))
    for path in sorted(p for p in pages.rglob("*") if p.is_file()):
        name = path.relative_to(pages).as_posix()
        whole = path.suffix not in PAGES or name in LISTS
        parts.append(f"{name}\0{sha256(path) if whole else _referred(path)}")
    return digest(*parts)


def _referred(page: Path) -> str:
    """Return what other pages can refer to: headings and anchors."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return "\0".join(HEADING.findall(text))
    cells = json.loads(text)["cells"]
    anchors = [[cell["id"], cell["metadata"].get("anchors")] for cell in cells]
    prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return json.dumps([anchors, [HEADING.findall(each) for each in prose]])
