# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook may do on a node: each plays the same four steps, and they differ in what a plan may hold."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import MISSING
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.orthanc_blockers import is_managed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.steps import (
    PlannedStep,
    is_due_for_renewal,
    missing_packages,
    steps,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import FRONTEND, WantedNode

NEVER_DEPLOYED = "This node was never deployed, so there is nothing to renew. Run site.yml."


@dataclass(frozen=True)
class Story:
    """A playbook. One that C(deploys) installs packages and takes every node as the inventory has it.

    Another one that C(orders) certificates leaves alone a node whose certificates are as ordered and loaded, and
    refuses a node that has none. One that does not decides elsewhere what becomes of identities, after a look at the
    whole group. One that C(revokes) brings front-ends their list of revoked certificates.
    """

    deploys: bool = False
    orders: bool = False
    revokes: bool = False

    def packages(self, wanted: WantedNode, look: NodeLook) -> list[str]:
        """Return the packages that would be installed."""
        return missing_packages(wanted, look) if self.deploys else []

    def steps(self, wanted: WantedNode, look: NodeLook, *, news: bool) -> list[PlannedStep]:
        """Return what would be done, in that order; C(news) is as for C(steps)."""
        if self.deploys:
            return steps(wanted, look, news=news)
        if self.revokes:
            return steps(_front_end_alone(wanted), look) if _has_front_end(wanted, look) else []
        due = self.orders and (news or is_due_for_renewal(wanted, look))
        return steps(replace(wanted, packages=()), look, news=news) if due else []

    def objections(self, look: NodeLook) -> list[str]:
        """Return why the playbook is not for this node."""
        if self.deploys or not self.orders:
            return []
        was_deployed = is_managed(look) and look.identity is not None and look.identity.present
        return [] if was_deployed else [NEVER_DEPLOYED]


def _has_front_end(wanted: WantedNode, look: NodeLook) -> bool:
    """Whether a run has put Orthanc behind a front-end before: what has none yet gets the list with it."""
    return wanted.has(FRONTEND) and look.files[wanted.node.engine.site].kind != MISSING


def _front_end_alone(wanted: WantedNode) -> WantedNode:
    services = tuple(service for service in wanted.services if service.name == FRONTEND)
    files = tuple(file for file in wanted.files if file.service == FRONTEND)
    return replace(wanted, packages=(), services=services, files=files, absent=(), metrics="", retired=())


STORIES = {
    "site": Story(deploys=True, orders=True),
    "rotate": Story(orders=True),
    "rollover": Story(),
    "rollback": Story(),
    "revoke": Story(revokes=True),
}
