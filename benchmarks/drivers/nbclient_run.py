"""Execute every notebook of a folder by nbclient, two at once; write two HTML pages of each."""

import sys
from multiprocessing import Pool
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter


def one(path: Path) -> None:
    """Execute a notebook and convert it, once for each language, as the plain Makefile does."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(path.parent))
    for language in ("en", "zh"):
        page, _ = HTMLExporter().from_notebook_node(notebook)
        path.with_name(f"{path.stem}-{language}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    with Pool(2) as pool:
        pool.map(one, sorted(Path(sys.argv[1]).glob("*.ipynb")), chunksize=1)
