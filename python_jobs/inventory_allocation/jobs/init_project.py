"""A dbt project of one's own, with this one as a package of it."""

import re
import shutil
from pathlib import Path

import inventory_allocation
from inventory_allocation.errors import InputError

__all__ = ["find_package_project", "init_project", "write_packages"]

STARTER = Path(inventory_allocation.__file__).parent / "starter"
# Files whose name a directory of the package can't have.
RENAMED = {"gitignore": ".gitignore"}
PACKAGES = "packages.yml"


def find_package_project() -> Path:
    """Where the dbt project of the package is: inside a wheel, or around a checkout.

    Raises:
        InputError: It is in neither place.
    """
    package = Path(inventory_allocation.__file__).resolve().parent
    for directory in (package / "dbt_project", package.parents[1]):
        if (directory / "dbt_project.yml").exists():
            return directory
    raise InputError(
        "the dbt project is not part of this installation: install inventory-allocation from a "
        "wheel or a checkout"
    )


def _project_name(directory: Path) -> str:
    name = re.sub(r"\W+", "_", directory.resolve().name.lower()).strip("_")
    if name == inventory_allocation.__name__:
        raise InputError(
            f"{directory} would give the project the name of the package: name another"
        )
    return name if name and not name[0].isdigit() else f"project_{name}".rstrip("_")


def _fill(text: str, directory: Path) -> str:
    return text.replace("__project_name__", _project_name(directory)).replace(
        "__package_path__", str(find_package_project())
    )


def write_packages(directory: Path) -> Path:
    """Write packages.yml anew, for the version that is installed."""
    path = directory / PACKAGES
    path.write_text(_fill((STARTER / PACKAGES).read_text(), directory))
    return path


def init_project(directory: Path) -> list[Path]:
    """Write a project that has the installed one as a package.

    Args:
        directory: Where; it is made where it is missing, and may hold other files.

    Returns:
        The files that were written.

    Raises:
        InputError: A file is there already, or the directory has the name of the package; nothing
            was written.
    """
    sources = [path for path in sorted(STARTER.rglob("*")) if path.is_file()]
    targets = {
        path: directory / path.relative_to(STARTER).with_name(RENAMED.get(path.name, path.name))
        for path in sources
    }
    example = directory / "profiles.yml.example"
    for target in (*targets.values(), example):
        if target.exists():
            raise InputError(f"{target} is there already: name a directory without it")
    texts = {target: _fill(source.read_text(), directory) for source, target in targets.items()}
    for target, text in texts.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    shutil.copyfile(find_package_project() / "profiles.yml.example", example)
    return [*texts, example]
