# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for one node as a task's result: what would be done, what stands in the way, and what else is to be said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import quoted
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.deny_list import Revoked
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.held import held_warnings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.awaited import pending_warnings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blockers import blockers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.hints import hints
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.host_settings import HostSettings
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.metrics_folder import metrics_blockers
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.ordered_identity import OrderedIdentity
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.orthanc_blockers import is_managed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.steps import to_arguments
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.stories import Story
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.unrenewed import of_another_issuer, unrenewed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import FRONTEND, WantedNode


def plan(
    story: Story,
    wanted: WantedNode,
    look: NodeLook,
    settings: HostSettings,
    identity: OrderedIdentity | None,
    now: datetime,
    trial: str | None = None,
    revoked: Sequence[Revoked] = (),
) -> dict[str, Any]:
    """Return what C(story) would do on a node; without C(identity) it is the plan of a role that is used on its own.

    C(trial) is what nginx said of the lines of the user's own, where it would not load them.
    """
    node = wanted.node
    problems = [
        *story.objections(look),
        *_blockers(wanted, look, settings),
        *(_lines_refused(trial) if trial else ()),
        *(metrics_blockers(wanted.metrics, look) if story.deploys else ()),
        *([] if identity is not None and identity.is_forced else _own_revoked(look, revoked)),
        *(identity.blockers(look) if identity else ()),
    ]
    news = not problems and identity is not None and identity.is_news(look)
    planned = [] if problems else story.steps(wanted, look, news=news)
    outcome = asdict(look.enrolment) if look.enrolment else {}
    has_orthanc = look.capabilities is not None or "capabilities" in look.faults
    engine_is_new = wanted.has(FRONTEND) and not (look.nginx is not None and look.nginx.installed)
    return {
        "steps": to_arguments(planned),
        "blockers": problems,
        "hints": hints(look),
        "missing_packages": [] if problems else story.packages(wanted, look),
        "loads": [step.loads for step in planned if step.loads],
        "managed": is_managed(look),
        "orthanc_version": look.orthanc_version,
        "orthanc_installed": has_orthanc,
        "engine_is_new": engine_is_new,
        "is_new": not has_orthanc and engine_is_new == wanted.has(FRONTEND),
        "tries_nginx": engine_is_new and bool(planned and settings.nginx_lines),
        "valid_until": outcome.get("not_after"),
        "forces_identity": identity is not None and identity.is_forced,
        "unrenewed": unrenewed(node, look, now),
        "root_not_stated": node.issuer.answers_later and look.enrolment is not None and look.enrolment.is_foreign,
        "ca_missing": identity is not None and node.issuer.has_ca_folder and identity.has_no_ca,
        "warnings": [
            *(identity.order.warnings if identity else ()),
            *held_warnings(node.host, node.identity_path, outcome),
            *pending_warnings(node.host, outcome),
            *(of_another_issuer(node, look, now) if story.deploys else ()),
        ],
        **_identity(look),
    }


def _lines_refused(said: str) -> list[str]:
    return [f"nginx would not take frontend_nginx_lines: {quoted(said)}. Correct the variable."]


def is_tried(story: Story, wanted: WantedNode, look: NodeLook, settings: HostSettings) -> bool:
    """Whether nginx is to be asked about lines of the user's own: it is there, and its server file would change."""
    if not (story.deploys and settings.nginx_lines and wanted.has(FRONTEND)):
        return False
    there = look.nginx is not None and look.nginx.installed and look.nginx.fault is None
    site = next(file for file in wanted.files if file.path == wanted.node.engine.site)
    return there and site.path in look.files and look.files[site.path].sha256 != site.sha256


def _own_revoked(look: NodeLook, revoked: Sequence[Revoked]) -> Iterator[str]:
    """A node that was revoked is left alone until somebody decides: its front-end could not even ask itself."""
    facts = look.identity.facts if look.identity else None
    live = [str(one.get("fingerprint_sha256")) for one in (facts or {}).get("certificates") or ()][:1]
    for one in revoked:
        if one.fingerprint_sha256 in live:
            yield (
                f"The certificate of this node was revoked on {one.revoked_at} ({quoted(one.reason)}). Take the node "
                "out of the inventory, or give it a new certificate with a new key: site.yml --limit "
                f"{look.host} -e identity_force=true."
            )


def _blockers(wanted: WantedNode, look: NodeLook, settings: HostSettings) -> list[str]:
    found = blockers(
        wanted.node,
        look,
        frontend_http_port=settings.frontend_http_port,
        replace_configuration=settings.replaces_configuration,
    )
    return [f"{one.what} {one.remedy}" for one in [*settings.blockers(wanted.node), *found]]


def _identity(look: NodeLook) -> dict[str, Any]:
    """Return what C(identity_info) would say of the identity."""
    seen = look.identity
    return {
        "present": seen is not None and seen.present,
        "identity": seen.facts if seen else None,
        "fault": seen.fault if seen else look.faults.get("identity"),
        "not_loaded": next((one.not_loaded for one in look.services.values() if one.not_loaded), None),
    }
