# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the inventory of one host may be written in more than one way, and only members count."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

HOSPITAL = "-----BEGIN CERTIFICATE-----"
CERTIFICATE = "/etc/orthanc/tls/current/server.pem"


def fleet(variables: dict[str, Any]) -> Fleet:
    return Fleet({"a": variables}, {"orthanc": ["a"]})


@pytest.mark.parametrize(
    ("given", "trusted"), [("A", ("A",)), (["A", "B"], ("A", "B")), ([], ())], ids=["text", "list", "empty"]
)
def test_an_external_peer_is_trusted_by_one_text_or_by_a_list_of_texts(given: Any, trusted: tuple[str, ...]) -> None:
    entry = {"url": "https://x/", "ca_certificates": given}
    (peer,) = fleet({"orthanc_external_peers": {"x": entry}}).peers("a", CERTIFICATE)
    assert peer.ca_certificates == trusted


@pytest.mark.parametrize(
    ("entry", "required"),
    [({}, True), ({"required": True}, True), ({"required": False}, False), ({"required": "no"}, False)],
    ids=["by default", "true", "false", "text"],
)
def test_an_external_peer_must_answer_unless_the_inventory_says_otherwise(
    entry: dict[str, Any], required: bool
) -> None:
    (peer,) = fleet({"orthanc_external_peers": {"x": {"url": "https://x/", **entry}}}).peers("a", CERTIFICATE)
    assert peer.required is required
    assert peer.settings == {"Url": "https://x/", "CertificateFile": CERTIFICATE}


@pytest.mark.parametrize("given", [HOSPITAL, [HOSPITAL, f"{HOSPITAL}2"]], ids=["text", "list"])
def test_a_server_certificate_is_trusted_by_one_text_or_by_a_list_of_texts(given: Any) -> None:
    own = {"path": "/srv/server.pem", "ca_certificates": given}
    node = fleet({"orthanc_tls_mode": "builtin", "orthanc_server_certificate": own}).node("a")
    assert node.server_certificate is not None
    assert node.server_certificate.ca_certificates == ((given,) if isinstance(given, str) else tuple(given))


def test_a_host_outside_the_group_is_none_of_the_fleet_whatever_its_variables_say() -> None:
    view = Fleet({"a": {}, "web": {"orthanc_fqdn": "a"}}, {"orthanc": ["a"], "all": ["a", "web"]})
    with pytest.raises(OrthancTlsError, match=r"^web: is not in the inventory group 'orthanc'; add it there\.$"):
        view.node("web")
    with pytest.raises(OrthancTlsError, match=r"^web: is not in the inventory group"):
        view.peers("web", CERTIFICATE)
