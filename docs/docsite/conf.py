# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How C(make docs) builds the site from the pages of the repository and what antsibull-docs makes of the plugins."""

project = "openimaging.orthanc"
copyright = "openimaging.orthanc contributors"
html_title = project

extensions = ["myst_parser", "sphinx_antsibull_ext"]
include_patterns = ["*.md", "docs/**"]
exclude_patterns = ["docs/docsite/index.md"]  # which make has copied to the top
myst_heading_anchors = 4  # as on GitHub, where the same pages are read

pygments_style = "ansible"
html_theme = "alabaster"
html_theme_options = {"fixed_sidebar": True, "page_width": "auto", "body_max_width": "60em"}
html_use_index = False
html_copy_source = False
html_show_sphinx = False
