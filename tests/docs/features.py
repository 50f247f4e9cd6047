"""The tests column of docs/features.md, derived from the `row` marks.

`python -m tests.docs.features` rewrites the column.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "features.md"
_ROW = re.compile(r"^\| (?P<id>[A-E]\d+) \| (?P<what>.+) \| (?P<where>.+?) \| (?P<tests>.*)\|$")


def _marked_rows(node: ast.AST) -> list[str]:
    """Return the ids of a `pytest.mark.row(...)` decorator or mark; empty for anything else."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.row":
        return [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
    return []


def marks() -> dict[str, set[str]]:
    """Return, per row id, the test files that carry its mark."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for row in _marked_rows(node):
                found[row].add(path.relative_to(ROOT).as_posix())
    return found


def cell(files: set[str]) -> str:
    """Return the column's text for a set of test files."""
    return ", ".join(f"[{Path(name).stem}](../{name})" for name in sorted(files))


def rewritten(page: str) -> str:
    """Return the page with the tests column as the marks have it."""
    found, lines = marks(), []
    for line in page.splitlines():
        match = _ROW.match(line)
        if match:
            tests = cell(found.get(match["id"], set()))
            line = f"| {match['id']} | {match['what']} | {match['where']} | {tests} |"  # noqa: PLW2901  the line is replaced
        lines.append(line)
    return "\n".join(lines) + "\n"


def row_ids(page: str) -> list[str]:
    """Return the ids on the page, in order."""
    return [match["id"] for line in page.splitlines() if (match := _ROW.match(line))]


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text()))
