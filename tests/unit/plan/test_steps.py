# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run does on a node follows from what the node should have and what a look has seen."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seen_node import unit
from wanted_nodes import BUILTIN, MISSING, PACKAGES, applied, changed_file, wanted

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.identity import PendingFacts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import (
    ComparedRecord,
    Difference,
    SeenAnswer,
    SeenAnswers,
    SeenService,
    SeenShim,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.seen_enrolment import SeenEnrolment
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.steps import (
    PlannedStep,
    missing_packages,
    steps,
    to_arguments,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.wanted import WantedNode


def found(want: WantedNode, **changes: Any) -> list[tuple[str, str, str]]:
    planned = steps(want, replace(applied(want), **changes))
    return [(step.part, step.what, step.interruption) for step in planned]


@pytest.mark.parametrize("variables", [{}, BUILTIN])
def test_when_all_was_applied_a_new_plan_is_empty(variables: dict[str, Any]) -> None:
    want = wanted(**variables)
    assert steps(want, applied(want)) == []


@pytest.mark.parametrize(
    ("variables", "path", "part", "interruption"),
    [
        ({}, location.SETTINGS, "Orthanc", "restart"),
        ({}, nginx.SITE, "nginx", "reload"),
        (BUILTIN, location.DROP_IN, "Orthanc", "restart"),
    ],
)
def test_a_file_that_differs_is_written_and_loaded_by_its_service_alone(
    variables: dict[str, Any], path: str, part: str, interruption: str
) -> None:
    want = wanted(**variables)
    assert found(want, files=changed_file(want, path, sha256="0" * 64)) == [
        (part, f"write {os.path.basename(path)}", "none"),
        (part, interruption, interruption),
    ]


@pytest.mark.parametrize("change", [{"mode": "0644"}, {"group": "root"}, {"owner": "orthanc"}, {"kind": "missing"}])
def test_another_owner_group_or_mode_counts_as_another_file(change: dict[str, Any]) -> None:
    want = wanted()
    assert found(want, files=changed_file(want, location.SETTINGS, **change))[0][1] == "write orthanc.json"


def test_a_log_may_belong_to_anybody_after_a_rotation() -> None:
    want = wanted()
    assert found(want, files=changed_file(want, nginx.ACCESS_LOG, owner="www-data")) == []
    assert found(want, files=changed_file(want, nginx.ACCESS_LOG, mode="0644"))[0][0] == "nginx"


def test_a_new_certificate_restarts_orthanc_only_where_orthanc_speaks_tls() -> None:
    due = {"enrolment": SeenEnrolment(changed=True, renewed=True, reason="expiring")}
    identity = ("identity", "new key and certificate", "none")
    assert found(wanted(), **due) == [identity, ("nginx", "reload", "reload")]
    assert found(wanted(**BUILTIN), **due) == [identity, ("Orthanc", "restart", "restart")]


def test_with_dicom_tls_by_hand_a_new_certificate_restarts_orthanc_behind_a_front_end_too() -> None:
    folder = "/etc/orthanc/tls/current"
    by_hand = {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": f"{folder}/cert.pem",
        "DicomTlsPrivateKey": f"{folder}/key.pem",
        "DicomTlsTrustedCertificates": f"{folder}/client-trust.pem",
    }
    due = {"enrolment": SeenEnrolment(changed=True, renewed=True, reason="expiring")}
    assert [step for step in found(wanted(orthanc_config=by_hand), **due) if step[0] != "identity"] == [
        ("Orthanc", "restart", "restart"),
        ("nginx", "reload", "reload"),
    ]


@pytest.mark.parametrize(
    ("grace", "says"),
    [
        ("2m", "jobs are waited for up to 2m, then cut"),
        (0, "this cuts uploads, DICOM transfers and jobs that run then"),
    ],
)
def test_a_plan_says_what_a_restart_does_to_uploads(grace: str | int, says: str) -> None:
    want = wanted(orthanc_restart_grace=grace)
    look = replace(applied(want), files=changed_file(want, location.SETTINGS, sha256="0" * 64))
    (restart,) = [step for step in steps(want, look) if step.interruption == "restart"]
    assert restart.why.startswith("to load the changes; ") and restart.why.endswith(says)


def test_what_waits_is_activated() -> None:
    waits = {"enrolment": SeenEnrolment(changed=False, waiting_sha256="0" * 64)}
    assert found(wanted(), **waits)[0] == ("identity", "activate the certificate that waits", "none")


def test_what_a_node_is_known_by_is_made_known_although_nothing_of_its_own_changes() -> None:
    want = wanted()
    (step,) = steps(want, applied(want), news=True)
    assert (step.part, step.interruption) == ("identity", "none")


def test_packages_that_are_missing_are_installed_and_no_others() -> None:
    want = wanted()
    look = replace(applied(want), packages={**applied(want).packages, "nginx": InstalledPackage(None)})
    assert missing_packages(want, look) == ["nginx"]
    assert steps(want, look)[0] == PlannedStep("packages", "install nginx", "not installed")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (SeenService(ComparedRecord(True, (Difference(nginx.SITE, "changed"),), "active"), None, (), None), "changed"),
        (SeenService(ComparedRecord(True, (), "active"), None, ({},), "serves another certificate"), "serves another"),
        (SeenService(None, "its record is damaged", None, None), "its record is damaged"),
    ],
)
def test_a_service_that_has_not_loaded_what_is_there_loads_it(seen: SeenService, why: str) -> None:
    want = wanted()
    planned = steps(want, replace(applied(want), services={**applied(want).services, "frontend": seen}))
    assert [(step.part, step.interruption) for step in planned] == [("nginx", "reload")] and why in planned[0].why


def test_a_service_that_does_not_run_is_started_and_interrupts_nobody() -> None:
    want = wanted()
    units = {**applied(want).units, location.UNIT: unit("/usr/sbin/Orthanc", active=False)}
    assert found(want, units=units) == [("Orthanc", "start", "none")]


@pytest.mark.parametrize(
    ("name", "planned"),
    [("orthanc", ("Orthanc", "wait until it answers", "none")), ("frontend", ("nginx", "reload", "reload"))],
)
def test_one_that_does_not_answer_is_reloaded_and_never_restarted_for_that(
    name: str, planned: tuple[str, str, str]
) -> None:
    want = wanted()
    silent = SeenAnswer(
        f"{name}: probe", "http://127.0.0.1/", "answered", "HTTP 500", False, 500, None, None, None, None
    )
    assert found(want, answers=SeenAnswers((silent,))) == [planned]


def test_an_orthanc_whose_port_says_nothing_yet_is_waited_for() -> None:
    want = wanted(**BUILTIN)
    silent = SeenService(ComparedRecord(True, (), "active"), None, None, "Cannot connect to 127.0.0.1:8042")
    assert found(want, services={"orthanc": silent}) == [("Orthanc", "wait until it answers", "none")]


def test_where_orthanc_speaks_tls_itself_a_front_end_is_taken_out() -> None:
    want = wanted(**BUILTIN)
    files = {**applied(want).files, nginx.SITE: ManagedFile("file")}
    assert found(want, files=files) == [("front-end", f"remove {nginx.SITE}", "reload")]


def test_a_web_server_with_a_defect_is_worked_around() -> None:
    want = wanted(**BUILTIN)
    assert found(want, civetweb=SeenShim(True, False, None))[0][1] == "work around a defect of Debian's web server"


@given(
    st.sampled_from([{}, BUILTIN]),
    st.sets(st.sampled_from([location.SETTINGS, location.DROP_IN, "identity", "packages", "record"])),
)
def test_no_step_is_without_a_reason_and_no_interruption_without_a_step(
    variables: dict[str, Any], touched: set[str]
) -> None:
    want = wanted(**variables)
    look = applied(want)
    for path in touched & set(look.files):
        look = replace(look, files={**look.files, path: MISSING})
    if "identity" in touched:
        look = replace(look, enrolment=SeenEnrolment(changed=True, renewed=True, reason="forced"))
    if "packages" in touched:
        look = replace(look, packages=dict.fromkeys(PACKAGES, InstalledPackage(None)))
    if "record" in touched:
        look = replace(look, services=dict.fromkeys(look.services, SeenService(None, "damaged", None, None)))
    planned = steps(want, look)
    assert bool(planned) == bool(touched)
    assert all(step["part"] and step["what"] and step["why"] for step in to_arguments(planned))


def test_what_an_issuer_has_not_given_yet_is_asked_for_again_and_loaded_only_once_it_is_there() -> None:
    want = wanted()
    want = replace(want, node=replace(want.node, issuer=replace(want.node.issuer, answers_later=True)))
    waits = PendingFacts("2026-11-27T10:00:00Z", "a colleague", "2027-02-01T00:00:00Z", True)
    due = SeenEnrolment(changed=True, renewed=True, reason="expiring")
    for enrolment, step in (
        (due, ("identity", "new key, and the certificate once it is issued", "the certificate is due for renewal")),
        (
            replace(due, pending=waits),
            ("identity", "ask again for what was ordered", "it was not there on 2026-11-27T10:00:00Z"),
        ),
    ):
        planned = steps(want, replace(applied(want), enrolment=enrolment))
        assert [(one.part, one.what, one.why) for one in planned] == [
            step,
            ("nginx", "reload", "to load the certificate, once it is issued"),
        ]
