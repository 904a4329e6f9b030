# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a node from getting its identity: a CA that is not the folder's, or an issuer that would not sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.leaf_order import NoIssuerYet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import Order, SigningOnNode
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook


def issuer_blockers(order: Order, look: NodeLook, now: datetime) -> Iterator[str]:
    """Yield what speaks against the node's identity, before anything is changed."""
    outcome = look.enrolment
    foreign = outcome.enrolment.foreign_issuer if outcome else None
    if foreign is not None:
        yield str(order.refusal(shown(foreign)))
    elif outcome and outcome.renewed and not isinstance(order.spec.leaf.issuer, NoIssuerYet):
        yield from _signing(order, now)
    try:
        is_news(order, look, now)
    except OrthancTlsError as error:
        yield f"This node signs for itself, and {error} If nobody has changed it by hand, treat it as compromised."


def is_news(order: Order, look: NodeLook, now: datetime) -> bool:
    """Whether those who must trust a node that signs for itself have to be told by what it is known now.

    Where its identity is due, what it is known by is judged once that is done: a former order's certificate is none of
    this one's.
    """
    outcome = look.enrolment
    if outcome is None or outcome.reason is not None or not isinstance(order.signing, SigningOnNode):
        return False
    known_by = list(outcome.enrolment.known_by)
    return bool(known_by) and order.signing.publish(known_by, now)


def _signing(order: Order, now: datetime) -> Iterator[str]:
    if isinstance(order.signing, SigningOnNode):
        return
    try:
        order.signing.rehearse(now)
    except OrthancTlsError as error:
        yield str(error)
