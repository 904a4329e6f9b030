# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/variables.md, the page of all variables, from the argument specs: C(make variables)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "variables.md"

HEAD = """\
# All variables

`make variables` writes this page from the argument specs of playbooks and roles. [Deploy a fleet](deploy.md) says
[where variables belong](deploy.md#where-variables-belong) and what happens to a
[misspelt one](deploy.md#what-happens-in-order).

The inventory of a fleet needs `orthanc_ca_dir` and `orthanc_ca_passphrase`, and for the playbook *schedule* also
`schedule_inventory` and `schedule_user`. Leave out what you do not want to change.
"""
SET_BY_PLAYBOOKS = {
    "ca_in_use": "what the nodes hold",
    "ca_passphrase": "`orthanc_ca_passphrase`",
    "ca_path": "`orthanc_ca_dir`",
    "frontend_backend": "`orthanc_http_port`",
    "frontend_backend_threads": "`HttpThreadsCount` in `orthanc_config`",
    "identity_activate": "what the other nodes trust",
    "identity_ca_passphrase": "`orthanc_ca_passphrase`",
    "identity_ca_path": "`orthanc_ca_dir`",
    "identity_common_name": "`orthanc_fqdn`",
    "identity_issuer": "`orthanc_issuer`",
    "identity_pinned_clients": "`orthanc_peers`",
    "identity_pinned_servers": "`orthanc_peers`",
    "identity_subject_alt_name": "`orthanc_fqdn`, `orthanc_subject_alt_names` and `frontend_server_names`",
    "verify_ca_path": "`orthanc_ca_dir`",
    "verify_peers": "the hosts of the run",
}
"""What a role takes and the playbooks give it, so that an inventory for the playbooks has it from elsewhere."""

_MARKUP = re.compile(r"\b([CVOP])\(([^()]*)\)")


def specification(file: Path) -> Mapping[str, Mapping[str, Any]]:
    """The entry points in a file of argument specs."""
    entries: Mapping[str, Mapping[str, Any]] = yaml.safe_load(file.read_text())["argument_specs"]
    return entries


def sections() -> Iterator[tuple[str, str, dict[str, Mapping[str, Any]]]]:
    """Yield title, introduction and options: what playbooks have in common, then each playbook's, then each role's."""
    playbooks = specification(ROOT / "playbooks/meta/argument_specs.yml")
    options = {name: entry.get("options", {}) for name, entry in playbooks.items()}
    takers = {name: [it for it in options if name in options[it]] for each in options.values() for name in each}
    common = {name: option for each in options.values() for name, option in each.items() if len(takers[name]) > 1}
    yield (
        "Playbooks",
        "Variables that more than one playbook takes.",
        {
            name: {**option, "description": [*_texts(option), f"For {_listed(takers[name])}."]}
            for name, option in common.items()
        },
    )
    for name, entry in playbooks.items():
        own = {key: option for key, option in options[name].items() if key not in common}
        if own:
            yield f"Playbook {name}", f"{entry['short_description']}.", own
    for file in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        entries = specification(file)
        taken = {key: option for entry in entries.values() for key, option in entry.get("options", {}).items()}
        yield f"Role {file.parents[1].name}", f"{entries['main']['short_description']}.", taken


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(*section) for section in sections())


def _section(title: str, introduction: str, options: Mapping[str, Mapping[str, Any]]) -> str:
    rows = "".join(_row(name, option) for name, option in options.items())
    return f"\n## {title}\n\n{introduction}\n\n| variable | type | default | |\n|---|---|---|---|\n{rows}"


def _row(name: str, option: Mapping[str, Any]) -> str:
    kind = f"{option['type']} of {option['elements']}" if "elements" in option else str(option["type"])
    cells = [f"`{name}`", kind, _default(option), " ".join([*_texts(option), *_remarks(name, option)])]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _default(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "*required*"
    if "default" not in option:
        return ""
    default = option["default"]
    return f"`{default if isinstance(default, str) and default else json.dumps(default)}`"


def _remarks(name: str, option: Mapping[str, Any]) -> Iterator[str]:
    if "choices" in option:
        yield f"One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
    if name in SET_BY_PLAYBOOKS:
        yield f"*The playbooks set it from {SET_BY_PLAYBOOKS[name]}.*"


def _texts(option: Mapping[str, Any]) -> list[str]:
    description = option["description"]
    texts = [description] if isinstance(description, str) else description
    return [_MARKUP.sub(_markdown, " ".join(text.split())) for text in texts]


def _markdown(match: re.Match[str]) -> str:
    kind, text = match.groups()
    if kind == "O":  # another option, or a value of it, may name the role before it
        text = text.rpartition(":")[2].rpartition(".")[2]
    return f"`{text.partition('#')[0] if kind == 'P' else text}`"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(f"*{name}*" for name in names[:-1]), f"*{names[-1]}*"])


if __name__ == "__main__":
    PAGE.write_text(page())
