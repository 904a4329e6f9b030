# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With what a run was started: versions on the control node, playbooks, tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
ANSIBLE = (2, 19)
PYTHON = (3, 11)


def too_old(ansible: str, python: Sequence[int]) -> str:
    """What to say of an ansible-core or a Python that is too old; empty if neither is."""
    minor = tuple(int(part) for part in ansible.split(".")[:2])
    if minor >= ANSIBLE and tuple(python) >= PYTHON:
        return ""
    return (
        f"This is ansible-core {ansible} with Python {_dotted(python[:3])}. The collection needs ansible-core "
        f"{_dotted(ANSIBLE)} or newer with Python {_dotted(PYTHON)} or newer on the control node. Install one in a "
        f"virtual environment, for example: python{_dotted(PYTHON)} -m venv ansible && "
        f"ansible/bin/pip install 'ansible-core>={_dotted(ANSIBLE)}' cryptography"
    )


def misplaced_tags(playbooks: Iterable[str], tags: Iterable[str], skipped: Iterable[str]) -> str:
    """What to say of tags that are given to a playbook of the collection; empty if there are none.

    A playbook of somebody else that imports ours may have tags. Ours are run as a whole by it, or not at all.
    """
    given = [f"--tags {tag}" for tag in tags if tag != "all"] + [f"--skip-tags {tag}" for tag in skipped]
    if not given or not any(_is_ours(playbook) for playbook in playbooks):
        return ""
    return (
        f"{' '.join(given)}: the collection's playbooks have no tags. With tags a run would do nothing, or everything, "
        "and look like a partial run. Start it without --tags and --skip-tags (in ansible.cfg: section [tags]); "
        "--limit chooses hosts."
    )


def _is_ours(playbook: str) -> bool:
    return playbook.startswith("openimaging.orthanc.") or PLAYBOOKS in Path(playbook).resolve().parents


def _dotted(version: Iterable[int]) -> str:
    return ".".join(str(part) for part in version)
