"""What no linter knows: every model has its yml, and a Python model names no table.

dbt-project-evaluator reads SQL only, so a table name in a Python model would pass it.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHELL_LINES = 40


def find_problems() -> list[str]:
    """Say what is wrong, a line each."""
    problems = []
    for path in sorted((ROOT / "models").rglob("*")):
        name = path.relative_to(ROOT)
        if path.suffix in (".sql", ".py") and not path.with_suffix(".yml").exists():
            problems.append(f"{name} has no {path.stem}.yml beside it")
        if path.suffix == ".py":
            text = path.read_text()
            if (
                re.search(r"\b(from|join)\s+\w+\.\w+", text, re.IGNORECASE)
                and "session.sql" in text
            ):
                problems.append(f"{name} names a table: use dbt.ref")
            if len(text.splitlines()) > SHELL_LINES:
                problems.append(
                    f"{name} is longer than {SHELL_LINES} lines: move code to the package"
                )
        if path.suffix == ".sql":
            long = [n for n, line in enumerate(path.read_text().splitlines(), 1) if len(line) > 100]
            problems += [f"{name}:{n} is longer than 100 characters" for n in long]
        if path.suffix == ".sql" and re.search(r"target\.type", path.read_text()):
            problems.append(f"{name} asks for target.type: put the difference into macros/cross_db")
    return problems


if __name__ == "__main__":
    found = find_problems()
    print("\n".join(found) or "layout: nothing found")
    sys.exit(bool(found))
