# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs of a node load its identity, and that one more takes part in all that is done with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openimaging.orthanc.plugins.filter.fleet import fleet as fleet_view
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.service_failure import cut_text, failure_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import (
    SERVICES,
    Service,
    load_options,
    look_options,
    readers_of,
    service_of,
    services_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

ROOT = Path(__file__).parents[3]
FAILED = {
    "changed": True,
    "failed": True,
    "msg": "HTTP 500",
    "log": "",
    "restored": False,
    "held": False,
    "back": None,
    "back_failure": "",
}


def node_of(**variables: Any) -> Node:
    return Fleet({"pacs": variables}, {"orthanc": ["pacs"]}).node("pacs")


def dicom_tls(node: Node) -> Service:
    """As it may come: Orthanc's DICOM port speaks TLS with the node's identity, also behind a front-end."""
    return Service(
        name="dicom",
        title="Orthanc (DICOM)",
        unit="orthanc.service",
        how="restarted",
        record="/etc/orthanc/last-healthy-dicom",
        has_identity=True,
        files=lambda identity: [identity],
        probes=lambda identity: [{"name": "dicom", "url": f"https://{node.fqdn}:{node.dicom_port}/"}],
        port=node.dicom_port,
    )


@pytest.mark.parametrize(
    ("mode", "name", "unit", "how"),
    [("builtin", "orthanc", "orthanc.service", "restarted"), ("frontend", "frontend", "nginx.service", "reloaded")],
)
def test_what_speaks_tls_has_loaded_the_identity(mode: str, name: str, unit: str, how: str) -> None:
    (service,) = services_of(node_of(orthanc_tls_mode=mode))
    assert (service.name, service.unit, service.how) == (name, unit, how)
    assert "/etc/orthanc/tls/current" in service.files("/etc/orthanc/tls/current")


def test_behind_a_front_end_a_new_certificate_is_no_reason_to_restart_orthanc() -> None:
    orthanc = service_of(node_of(orthanc_tls_mode="frontend"), "orthanc")
    assert "/etc/orthanc/tls/current" not in orthanc.files("/etc/orthanc/tls/current")


BY_HAND = {
    "DicomTlsEnabled": True,
    "DicomTlsCertificate": "/etc/orthanc/tls/current/cert.pem",
    "DicomTlsPrivateKey": "/etc/orthanc/tls/current/key.pem",
    "DicomTlsTrustedCertificates": "/etc/orthanc/tls/current/client-trust.pem",
}


def test_with_dicom_tls_by_hand_orthanc_is_a_service_of_the_identity_behind_a_front_end_too() -> None:
    node = node_of(orthanc_config=BY_HAND)
    assert [service.name for service in services_of(node)] == ["orthanc", "frontend"]
    orthanc = service_of(node, "orthanc")
    assert "/etc/orthanc/tls/current" in orthanc.files("/etc/orthanc/tls/current")
    assert orthanc.port == 4242, "where its certificate is seen"
    assert fleet_view("pacs", {"pacs": {"orthanc_config": BY_HAND}}, {"orthanc": ["pacs"]})["orthanc_reads_identity"]


def test_a_dicom_port_with_a_certificate_of_its_own_is_compared_with_that_one() -> None:
    own = {**BY_HAND, "DicomTlsCertificate": "/srv/dicom.pem"}
    orthanc = service_of(node_of(orthanc_config=own), "orthanc")
    assert orthanc.certificate == "/srv/dicom.pem" and orthanc.has_identity


@pytest.mark.parametrize(
    ("config", "reads"),
    [
        ({"DicomTlsPrivateKey": "/etc/orthanc/tls/current/key.pem"}, True),
        ({"PostgreSQL": {"ConnectionUri": "postgresql://db/?sslcert=/etc/orthanc/tls/current/cert.pem"}}, True),
        ({"LuaScripts": ["/etc/orthanc/tls/current/who.lua"]}, True),
        (
            {"OrthancPeers": {"c": {"Url": "https://c/", "CertificateFile": "/etc/orthanc/tls/current/server.pem"}}},
            False,
        ),
        ({"DicomWeb": {"Servers": {"c": {"CertificateFile": "/etc/orthanc/tls/current/server.pem"}}}}, False),
        ({"DicomTlsCertificate": "/etc/orthanc/tls-by-hand/cert.pem"}, False),
    ],
)
def test_orthanc_restarts_with_a_new_identity_only_where_it_reads_that_at_its_start(
    config: dict[str, Any], reads: bool
) -> None:
    orthanc = service_of(node_of(orthanc_config=config), "orthanc")
    assert orthanc.reads_identity is reads
    assert not orthanc.has_identity, "no port of it serves the identity"


def test_an_unknown_service_is_named_with_those_that_there_are() -> None:
    with pytest.raises(OrthancTlsError, match=r"pacs: there is no service 'apache'; expected one of: orthanc, fr"):
        service_of(node_of(), "apache")


def test_a_service_that_is_added_takes_part_in_looks_loads_and_what_playbooks_loop_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{services_of.__module__}.SERVICES", [*SERVICES, dicom_tls])
    node = node_of()
    looked = look_options(node)["services"]
    assert [service["record"] for service in looked] == [
        "/etc/orthanc/last-healthy-frontend",
        "/etc/orthanc/last-healthy-dicom",
    ]
    told = load_options(node, service_of(node, "dicom"), node.identity_path)
    assert (told["files"], told["identity"]) == (["/etc/orthanc/tls/current"], "/etc/orthanc/tls")
    view = fleet_view("pacs", {"pacs": {}}, {"orthanc": ["pacs"]})
    assert [service["name"] for service in view["services"]] == ["frontend", "dicom"]


def test_no_probe_of_a_front_end_sends_a_password() -> None:
    node = node_of(orthanc_config={"RegisteredUsers": {"peer": "s3cret"}})
    told = load_options(node, service_of(node, "frontend"), node.identity_path)
    assert "s3cret" not in str(told) and told["probes"][0]["status"] == [200, 401]


def test_a_server_certificate_of_another_issuer_is_what_must_be_served() -> None:
    own = {"path": "/srv/server.pem", "ca_certificates": "-----BEGIN CERTIFICATE-----"}
    node = node_of(orthanc_tls_mode="builtin", orthanc_server_certificate=own)
    told = load_options(node, service_of(node, "orthanc"), node.identity_path)
    assert told["certificate"] == location.SERVER_CERTIFICATE
    plain = node_of(orthanc_tls_mode="builtin")
    told = load_options(plain, service_of(plain, "orthanc"), plain.identity_path)
    assert told["certificate"] == "/etc/orthanc/tls/current/server.pem"


def test_what_the_roles_write_is_what_the_services_load() -> None:
    known = yaml.safe_load((ROOT / "roles/orthanc/vars/main.yml").read_text())
    assert (known["__orthanc_folder"], known["__orthanc_drop_in"], known["__orthanc_shim"]) == (
        location.FOLDER,
        location.DROP_IN,
        location.SHIM,
    )


def test_what_is_nginxs_own_stands_in_one_place() -> None:
    """But in documentation."""
    own = [nginx.SITE, nginx.ACCESS_LOG, nginx.ERROR_LOG, nginx.UNIT, "/usr/sbin/nginx"]
    files = [*ROOT.glob("plugins/**/*.py"), *ROOT.glob("roles/*/[tv]*/*.yml"), *ROOT.glob("playbooks/**/*.yml")]
    elsewhere = {
        (str(file.relative_to(ROOT)), word)
        for file in files
        for word in own
        if word in re.sub(r'r"""\n.*?"""', "", file.read_text(), flags=re.DOTALL)
    }
    assert {file for file, _word in elsewhere} == {"plugins/module_utils/nginx/facts.py"}


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("orthanc", {}, "There was no healthy state to go back to, so Orthanc is stopped."),
        ("frontend", {}, "There was no healthy state to go back to, so /etc/nginx/sites-enabled/zz-orthanc.conf was"),
        (
            "orthanc",
            {"restored": True, "back": "healthy"},
            "The certificate and configuration it was last healthy with are live again.",
        ),
        ("frontend", {"restored": True, "back": "not asked"}, "Whether it answers was not asked"),
        ("orthanc", {"restored": True, "back": "as found"}, "is live again, and so is whatever was open then."),
        ("frontend", {"restored": True, "back": "not healthy", "back_failure": "HTTP 502"}, "either: HTTP 502"),
        ("orthanc", {"back_failure": "copy 0 is damaged"}, "could not be put back: copy 0 is damaged"),
        ("frontend", {"restored": True, "back": "healthy", "held": True}, "rollback.yml --limit pacs -e rollback_rel"),
    ],
)
def test_a_failure_says_why_and_how_the_node_stands(name: str, answer: dict[str, Any], says: str) -> None:
    service = service_of(node_of(), name)
    text = failure_text("pacs", service, {**FAILED, **answer})
    assert text.startswith(f"pacs: {service.title} did not come back healthy") and "HTTP 500" in text
    assert says in text


def test_what_was_new_is_named_where_a_service_fails_and_nothing_else_is_blamed() -> None:
    def lead(*paths: str) -> str:
        differs = [{"path": path, "why": "changed"} for path in paths]
        text = failure_text("pacs", service_of(node_of(), "orthanc"), {**FAILED, "differs": differs})
        return text.splitlines()[0]

    assert lead(location.SETTINGS) == "pacs: Orthanc did not come back healthy with the new orthanc.json."
    both = lead(location.SETTINGS, "/etc/orthanc/tls/current")
    assert both == "pacs: Orthanc did not come back healthy with the new orthanc.json and certificate."
    assert lead(location.UNIT) == "pacs: Orthanc did not come back healthy."


def test_an_orthanc_is_waited_for_on_its_own_ports_and_what_was_cut_is_told() -> None:
    node = node_of(orthanc_restart_grace="2m", orthanc_start_timeout="20m", orthanc_dicom_port=104)
    told = load_options(node, service_of(node, "orthanc"), node.identity_path)
    assert (told["grace"], told["ports"], told["jobs"]) == (120, [8042, 104], "jobs?expand")
    assert cut_text("pacs", service_of(node, "orthanc"), 3).startswith(
        "pacs: Orthanc was restarted while 3 connections or jobs were open, as orthanc_restart_grace (2m) was over."
    )


def test_orthancs_own_reason_is_explained() -> None:
    log = "E1127 10:00:00 The TCP port of the HTTP server is privileged or already in use"
    text = failure_text("pacs", service_of(node_of(), "orthanc"), {**FAILED, "log": log})
    assert log in text and "What that means: another program holds the HTTP port" in text


def test_one_that_has_loaded_all_and_does_not_answer_is_not_said_to_have_gone_back() -> None:
    text = failure_text("pacs", service_of(node_of(), "orthanc"), {**FAILED, "changed": False})
    assert "has loaded what is on disk, and does not answer as it should" in text
    assert "go back" not in text and "stopped" not in text


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ["frontend"]),
        ({"orthanc_tls_mode": "builtin"}, ["orthanc"]),
        ({"orthanc_config": {"DicomTlsPrivateKey": "/etc/orthanc/tls/current/key.pem"}}, ["orthanc", "frontend"]),
    ],
    ids=["front-end", "built-in", "settings that name the identity"],
)
def test_all_that_reads_the_identity_loads_it_again_after_a_rollover_or_a_rollback(
    variables: dict[str, Any], expected: list[str]
) -> None:
    assert [service.name for service in readers_of(node_of(**variables))] == expected
