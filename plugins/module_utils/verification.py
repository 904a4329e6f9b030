# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node must answer and what it must refuse, derived from the inventory: probes for C(tls_probe)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.fleet import Node, Peer

Probe = dict[str, Any]

_OWN = "its own certificate"
_LOOPBACK = "127.0.0.1"
_OLD_TLS = ("1.0", "1.1")


def health_probe(node: Node, identity: str) -> Probe:
    """Orthanc itself, asked over TLS on the node with the node's own certificate.

    ``identity`` is the folder of the live generation on the node.
    """
    return {
        "name": _OWN,
        "url": f"{node.url}system",
        "connect_to": _LOOPBACK,
        "certificate": f"{identity}/server.pem",
        "ca_certificates": f"{identity}/server-trust.pem",
        **_login(node),
        "expect": "answered",
        "status": [200],
    }


def node_probes(node: Node, identity: str, expired_client: str) -> list[Probe]:
    """What one node must refuse, each beside what it must answer.

    ``expired_client`` is PEM text: key and certificate of the fleet's own CA whose time is over.
    """
    healthy = health_probe(node, identity)
    return [healthy, *_client_refusals(node, healthy, expired_client), *_transport_refusals(healthy)]


def pair_probes(node: Node, peers: Sequence[Peer], identity: str, reached: Sequence[str]) -> list[Probe]:
    """What a node must be able to do with each of its peers, seen from the node itself.

    Peers of the fleet that are not in ``reached`` (hosts that take part in this run) are left out.
    """
    healthy = health_probe(node, identity)
    probes: list[Probe] = []
    for peer in peers:
        if peer.host is None or peer.host in reached:
            probes += _peer_probes(healthy, peer, identity)
    return probes


def _login(node: Node) -> Mapping[str, str]:
    if node.credentials is None:
        return {}
    return {"username": node.credentials.username, "password": node.credentials.password}


def _client_refusals(node: Node, healthy: Probe, expired_client: str) -> Iterator[Probe]:
    anonymous = {key: value for key, value in healthy.items() if key != "certificate"}
    if node.client_auth == "required":
        refused = {"expect": "refused", "status": [], "control": _OWN}
        yield {**anonymous, **refused, "name": "no client certificate"}
        yield {**anonymous, **refused, "name": "a client certificate of another CA", "forge": "unknown_ca"}
        yield {**anonymous, **refused, "name": "an expired client certificate", "certificate": expired_client}
    if node.users:
        stranger = {key: value for key, value in healthy.items() if key not in ("username", "password")}
        yield {**stranger, "name": "no password", "expect": "refused", "status": [401], "control": _OWN}


def _transport_refusals(healthy: Probe) -> Iterator[Probe]:
    refused = {"expect": "refused", "status": [], "control": _OWN}
    plain = {key: value for key, value in healthy.items() if key not in ("certificate", "ca_certificates")}
    yield {**plain, **refused, "name": "plain HTTP", "url": healthy["url"].replace("https://", "http://", 1)}
    for version in _OLD_TLS:
        yield {**healthy, **refused, "name": f"TLS {version}", "tls_maximum": version}


def _peer_probes(healthy: Probe, peer: Peer, identity: str) -> Iterator[Probe]:
    base = healthy["url"].removesuffix("system")
    if peer.host is not None:
        direct = {key: value for key, value in healthy.items() if key not in ("connect_to", "username", "password")}
        login = {
            option: peer.settings[key] for option, key in (("username", "Username"), ("password", "Password"))
            if key in peer.settings
        }
        yield {**direct, **login, "name": f"{peer.name} by name", "url": f"{peer.settings['Url']}system"}
    yield {**healthy, "name": f"peer {peer.name}", "url": f"{base}peers/{peer.name}/system"}
    if peer.dicom_web_url:
        yield {
            **healthy,
            "name": f"DICOMweb server {peer.name}",
            "url": f"{base}dicom-web/servers/{peer.name}/get",
            "method": "POST",
            "body": json.dumps({"Uri": "/studies", "Arguments": {"limit": "1"}}),
        }
