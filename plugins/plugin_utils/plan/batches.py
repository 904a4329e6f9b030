# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many nodes are changed at a time, and how far a run is that changes them batch after batch."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import split
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH

VARIABLE = "orthanc_batches"

CAREFUL = (1, "30%")
"""One node that shows whether it works, then 30 % at a time: the others serve meanwhile."""

NEW = (1, "100%")
"""Where all of them are new, nobody is served meanwhile: one node that shows whether it works, then the rest."""


def batch_sizes(hostvars: Mapping[str, Mapping[str, Any]], hosts: Sequence[str]) -> list[Any]:
    """Return how many nodes are changed at a time, as Ansible's C(serial) takes it.

    The variable C(orthanc_batches) of the group (C(hosts)) says so; without it, what is planned for those nodes that
    have something to do.
    """
    said = {host: _sizes(host, hostvars[host][VARIABLE]) for host in hosts if VARIABLE in hostvars.get(host, {})}
    for host, sizes in said.items():
        first = next(iter(said))
        if sizes != said[first]:
            raise OrthancTlsError(
                f"{VARIABLE} is {said[first]} for {first} and {sizes} for {host}; expected one value for the group. "
                "Set it for the group 'orthanc'."
            )
    if said:
        return next(iter(said.values()))
    variables = [hostvars[host] for host in hosts if host in hostvars]
    plans = [own.get("orthanc_plan") or {} for own in variables]
    due = [plan for plan in plans if plan.get("steps") and not plan.get("blockers")]
    return list(NEW if due and all(plan.get("is_new") for plan in due) else CAREFUL)


def _sizes(host: str, value: Any) -> list[Any]:
    sizes = split(value) if isinstance(value, str) else value if isinstance(value, (list, tuple)) else [value]
    if not sizes or any(isinstance(size, bool) or not re.fullmatch(r"[1-9][0-9]*%?", str(size)) for size in sizes):
        raise OrthancTlsError(
            f"{host}: {VARIABLE} is {value!r}; expected a list of numbers and percentages, such as [1, '30%']."
        )
    return list(sizes)


def batch_lines(batch: Sequence[str], all_hosts: Sequence[str], running: Sequence[str]) -> list[str]:
    """Return how many nodes are done, to do and failed; nothing where there is one batch.

    C(running) are those of C(all_hosts) that have not failed so far. The order is that of the batches.
    """
    if not batch or len(batch) == len(all_hosts):
        return []
    before = all_hosts[: all_hosts.index(batch[0])]
    failed = [host for host in all_hosts if host not in running]
    done = [host for host in before if host in running]
    to_do = [host for host in all_hosts if host in running and host not in before and host not in batch]
    text = (
        f"{len(all_hosts)} nodes: {len(done)} done, {len(failed)} failed, {len(batch)} now ({', '.join(batch)}), "
        f"{len(to_do)} to do after that."
    )
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
