# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles would make of a host's variables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import RefusedByFilter
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.role_templates import RoleTemplates


class _Rendering:
    """Ansible's lookup of a template in which a filter of ours refuses a value."""

    def run(self, *_arguments: Any, **_options: Any) -> list[str]:
        try:
            raise RefusedByFilter("pacs: the port is 'x104'.")
        except RefusedByFilter as refused:
            raise AnsibleError("The filter failed.") from refused


def test_an_error_of_a_filter_within_a_template_is_said_as_it_is_and_once() -> None:
    loader = DataLoader()
    templates = RoleTemplates(SimpleNamespace(_loader=loader, _templar=Templar(loader=loader)), (), {})
    templates._lookup = _Rendering()
    with pytest.raises(OrthancTlsError) as refused:
        templates.render("orthanc", "orthanc.json.j2")
    assert str(refused.value) == "pacs: the port is 'x104'."
    assert refused.value.__cause__ is None
