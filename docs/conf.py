"""Sphinx: the documentation as pages. `make docs` builds it into build/docs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from inventory_allocation import __version__

project = "Inventory allocation"
author = "the Inventory Allocation System's authors"
release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "data_dictionary",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["figures/README.md"]

html_theme = "furo"
html_title = f"Inventory allocation {release}"
# Nothing of it comes from elsewhere.
html_permalinks_icon = "#"
html_copy_source = False

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

apidoc_modules = [
    {
        "path": "../python_jobs/inventory_allocation",
        "destination": "reference/api",
        "exclude_patterns": [
            "**/commands/**",
            "**/dashboard/**",
            "**/sample_company/**",
            "**/starter/**",
            "**/cli.py",
        ],
        "max_depth": 4,
        "separate_modules": False,
        "include_private": False,
        "no_headings": False,
        "module_first": True,
    }
]
# A package hands on what its modules hold: each thing is described where it is.
autodoc_default_options = {"members": True, "ignore-module-all": True}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
# What a page on the interface doesn't need to import.
autodoc_mock_imports = ["bigframes", "pyspark", "prophet"]
# Fields of several classes have the same name.
suppress_warnings = ["ref.python"]
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
