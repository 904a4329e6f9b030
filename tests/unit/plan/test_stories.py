# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation leaves alone what site.yml deploys, and all that is not due; what nobody renews is named in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from seen_node import DENY_LIST, HOST, node_of, unit
from wanted_nodes import BUILTIN, applied, changed_file, wanted

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.look_options import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import (
    ComparedRecord,
    Difference,
    NodeLook,
    SeenIdentity,
    SeenServerCertificate,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.seen_enrolment import SeenEnrolment, SeenHold
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.stories import NEVER_DEPLOYED, STORIES
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.unrenewed import SOON, unrenewed
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedNode

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DUE = SeenEnrolment(changed=True, renewed=True, reason="expiring")
MISSING = {"orthanc": InstalledPackage(None), "nginx": InstalledPackage("1.0-1")}


def rotation(want: WantedNode, *, news: bool = False, **changes: Any) -> list[tuple[str, str]]:
    planned = STORIES["rotate"].steps(want, replace(applied(want), **changes), news=news)
    return [(step.part, step.what) for step in planned]


def test_each_story_can_be_asked_for() -> None:
    assert ARGUMENT_SPEC["story"]["choices"] == [*STORIES]


def revocation(want: WantedNode, **changes: Any) -> list[tuple[str, str]]:
    planned = STORIES["revoke"].steps(want, replace(applied(want), **changes), news=False)
    return [(step.part, step.what) for step in planned]


def test_a_revocation_brings_a_front_end_its_list_and_reloads_and_touches_nothing_else() -> None:
    want = wanted()
    files = changed_file(want, DENY_LIST, sha256="0" * 64)
    assert revocation(want) == []
    assert revocation(want, packages=MISSING, files=files) == [("nginx", "write revoked.conf"), ("nginx", "reload")]
    assert revocation(want, files=changed_file(want, location.SETTINGS, sha256="0" * 64)) == []


def test_a_revocation_leaves_alone_a_node_without_a_front_end_and_one_that_was_never_deployed() -> None:
    assert revocation(wanted(**BUILTIN), packages=MISSING) == []
    gone = {nginx.SITE: ManagedFile("missing"), DENY_LIST: ManagedFile("missing")}
    want = wanted()
    assert revocation(want, files={**applied(want).files, **gone}) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"packages": MISSING},
        {"files": changed_file(wanted(), location.SETTINGS, sha256="0" * 64)},
        {"units": {location.UNIT: unit("/usr/sbin/Orthanc"), nginx.UNIT: replace(unit(""), active_state="inactive")}},
    ],
)
def test_a_rotation_leaves_alone_what_is_no_matter_of_certificates(changes: dict[str, Any]) -> None:
    assert rotation(wanted(), **changes) == []


def test_a_node_that_is_due_is_converged_without_packages() -> None:
    differs = changed_file(wanted(), location.SETTINGS, sha256="0" * 64)
    assert [part for part, _what in rotation(wanted(), enrolment=DUE, packages=MISSING, files=differs)] == [
        *("identity", "Orthanc", "Orthanc", "nginx")
    ]


@pytest.mark.parametrize("service", ["orthanc", "frontend"])
def test_what_a_run_left_unloaded_is_due(service: str) -> None:
    seen = dict(applied(wanted()).services)
    left = ComparedRecord(True, (Difference("/etc/orthanc/tls/current", "another target"),), "active")
    assert len(rotation(wanted(), services={**seen, service: replace(seen[service], record=left)})) == 1


def test_what_waits_and_what_others_must_be_told_is_due() -> None:
    assert rotation(wanted(), enrolment=SeenEnrolment(changed=False, waiting_sha256="0" * 64))
    assert rotation(wanted(), news=True)
    assert rotation(wanted(**BUILTIN), server_certificate=SeenServerCertificate(changed=True))


def test_a_node_without_an_identity_is_for_site_alone() -> None:
    deployed = replace(applied(wanted()), identity=SeenIdentity(True, {}, None))
    assert STORIES["rotate"].objections(deployed) == []
    unmanaged = {**deployed.files, location.SETTINGS: ManagedFile("missing")}
    for fresh in (replace(deployed, identity=SeenIdentity(False, None, None)), replace(deployed, files=unmanaged)):
        assert STORIES["rotate"].objections(fresh) == [NEVER_DEPLOYED]
        assert STORIES["site"].objections(fresh) == [] == STORIES["rollback"].objections(fresh)


def test_a_rollover_and_a_rollback_order_nothing_before_their_gates() -> None:
    for story in (STORIES["rollover"], STORIES["rollback"]):
        assert not story.orders and story.steps(wanted(), replace(applied(wanted()), enrolment=DUE), news=True) == []


def test_packages_are_installed_by_site_alone() -> None:
    look = replace(applied(wanted()), packages=MISSING)
    assert STORIES["site"].packages(wanted(), look) == ["orthanc"] and STORIES["rotate"].packages(wanted(), look) == []


def neglected(**changes: Any) -> list[str]:
    own = {"path": "/srv/own.pem", "ca_certificates": "system"}
    node = node_of({"orthanc_tls_mode": "builtin", "orthanc_server_certificate": {**own, "ca_certificates": PEM}})
    return unrenewed(node, replace(NodeLook(HOST), **changes), NOW)


PEM = ["-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n"]


@pytest.mark.parametrize(("left", "said"), [(SOON, 0), (SOON - timedelta(seconds=1), 1), (timedelta(-1), 1)])
def test_a_server_certificate_that_nobody_renews_is_named_a_month_before(left: timedelta, said: int) -> None:
    served = SeenServerCertificate(False, ({"not_after": f"{NOW + left:%Y-%m-%dT%H:%M:%SZ}"},))
    found = neglected(server_certificate=served)
    assert len(found) == said
    assert all(text.startswith(f"{HOST}: ") and "orthanc_server_certificate" in text for text in found)


def test_a_time_that_is_none_is_an_error() -> None:
    with pytest.raises(OrthancTlsError):
        neglected(server_certificate=SeenServerCertificate(False, ({"not_after": "{{ never }}"},)))


def test_a_hold_is_named_when_its_certificate_expires_soon() -> None:
    held = SeenHold("g", "2026-11-01T00:00:00Z", "measuring", ends_soon=True)
    seen = SeenEnrolment(changed=False, held=held, not_after="2026-11-30T00:00:00Z")
    assert f"rollback.yml --limit {HOST} -e rollback_release=true" in neglected(enrolment=seen)[0]
    assert "is damaged" in neglected(enrolment=replace(seen, not_after=None))[0]
    assert neglected(enrolment=replace(seen, held=replace(held, ends_soon=False))) == []
