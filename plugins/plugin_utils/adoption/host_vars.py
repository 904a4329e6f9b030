# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of a host as a YAML file that Ansible reads back as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.secrets import Reference

_TEMPLATE_MARKS = ("{{", "{%", "{#")


def host_vars_text(comment: str, variables: Mapping[str, Any]) -> str:
    """The file's text. A value that looks like a template is marked C(!unsafe), as it is none."""
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    body: str = yaml.dump(_plain(variables), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{lines}{body}"


def _plain(value: Any) -> Any:
    """The same without what Ansible knows of where a value came from."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    for kind in (bool, str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


def _dumper() -> type[yaml.SafeDumper]:
    class HostVarsDumper(yaml.SafeDumper):
        """PEM text in lines, references as templates, and no anchors: a file for people."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    HostVarsDumper.add_representer(str, _text)
    HostVarsDumper.add_representer(Reference, _reference)
    return HostVarsDumper


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if any(mark in text for mark in _TEMPLATE_MARKS):
        return dumper.represent_scalar("!unsafe", text, style='"')
    style = None if text.isprintable() else "|" if _is_lines(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_lines(text: str) -> bool:
    """Whether it is lines of plain text, such as PEM, which a person reads best as such."""
    return text.endswith("\n") and text.isascii() and all(line.isprintable() for line in text.split("\n"))


def _reference(dumper: yaml.SafeDumper, reference: Reference) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", f"{{{{ {reference.variable} }}}}", style='"')
