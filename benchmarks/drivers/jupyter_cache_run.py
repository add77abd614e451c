"""Execute the notebooks of a folder that jupyter-cache has not; write two HTML pages of each."""

import sys
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from nbconvert import HTMLExporter


def main(folder: Path) -> None:
    """Stage all notebooks, execute what is not cached, merge the outputs, convert."""
    cache = get_cache(folder / ".cache")
    paths = sorted(folder.glob("*.ipynb"))
    for path in paths:
        cache.add_nb_to_project(str(path))
    done = load_executor("local-parallel", cache).run_and_cache(timeout=300)
    if done.errored or done.excepted:
        sys.exit(f"failed: {[*done.errored, *done.excepted]}")
    for path in paths:
        _, notebook = cache.merge_match_into_file(str(path))
        for language in ("en", "zh"):
            page, _ = HTMLExporter().from_notebook_node(notebook)
            path.with_name(f"{path.stem}-{language}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
