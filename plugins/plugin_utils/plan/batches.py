# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is that changes nodes batch after batch."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.shown import WIDTH


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
