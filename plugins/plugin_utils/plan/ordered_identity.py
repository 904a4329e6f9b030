# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ordered for a node's identity, and what a look at it means for that order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import NoIssuerYet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.ordering import ordered_from
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.registry import Issuer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.issuer_blockers import is_news, issuer_blockers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook

_NODE_OPTIONS = ("owner", "group", "keep")


@dataclass(frozen=True)
class OrderedIdentity:
    """The order for one node at C(now), and the options of C(certificate) from which it was made."""

    order: Order
    options: Mapping[str, Any]
    now: datetime

    @classmethod
    def of(cls, issuer: Issuer, host: str, options: Mapping[str, Any], now: datetime) -> OrderedIdentity:
        """Order what C(certificate) would be asked for a host."""
        return cls(ordered_from(issuer, options, host, check_mode=True), options, now)

    @property
    def is_forced(self) -> bool:
        """Whether a new certificate is asked for although it may not be due."""
        return bool(self.options["force"])

    @property
    def has_no_ca(self) -> bool:
        """Whether the CA that is to sign does not exist yet."""
        return isinstance(self.order.spec.leaf.issuer, NoIssuerYet)

    def asked(self) -> dict[str, Any]:
        """Return what C(certificate) would be asked in check mode."""
        request = self.order.request(self.now, any_issuer=self.options["allow_issuer_change"]).to_arguments()
        return {
            **{name: self.options[name] for name in _NODE_OPTIONS},
            "enrolment": {"step": "inspect", "spec": self.order.spec.to_arguments(), **request},
        }

    def blockers(self, look: NodeLook) -> list[str]:
        """Return what keeps the node from getting its identity."""
        return list(issuer_blockers(self.order, look, self.now))

    def is_news(self, look: NodeLook) -> bool:
        """Whether others have to be told by which certificates the node is known."""
        return is_news(self.order, look, self.now)
