# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node must answer and what it must refuse, derived from the inventory: probes for C(tls_probe)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer

Probe = dict[str, Any]

OWN = "its own certificate"
PLAIN = "plain HTTP"
BEHIND = "Orthanc behind the front-end"
KNOWN_PEERS = "peers as Orthanc knows them"
_LOOPBACK = "127.0.0.1"
_ANY = "any"
"""A name that a wildcard stands for."""

_OLD_TLS = ("1.0", "1.1")
_LOGIN = {"username": "Username", "password": "Password"}
"""Options of a probe, and what Orthanc calls them in a peer."""

_NO_ACCESS = {"expect": "no_access", "status": [401, 403]}
"""Up to 1.12.9 Orthanc listens on every IPv4 address, and answers 401 to every client but 127.0.0.1."""


def health_probe(node: Node, identity: str) -> Probe:
    """Orthanc itself, asked on the node; where it speaks TLS, with the node's own certificate.

    ``identity`` is the folder of the live generation on the node.
    """
    if node.tls_mode == "builtin":
        return own_probe(node, identity)
    return {
        "name": BEHIND,
        "url": f"http://{_LOOPBACK}:{node.http_port}/system",
        **_login(node),
        "expect": "answered",
        "status": _answers(node.filters_requests),
    }


def front_probe(node: Node, identity: str) -> Probe:
    """The front-end, asked on the node with the node's own certificate. Without a password, Orthanc answers 401."""
    return {
        **_without(own_probe(node, identity), *_LOGIN),
        "name": node.engine.name,
        "status": [200, 401, *_answers(node.filters_requests)[1:]],
    }


def own_probe(node: Node, identity: str) -> Probe:
    """Whatever speaks TLS on the node, asked on the node with the node's own certificate."""
    return {
        "name": OWN,
        "url": f"{node.url}system",
        "connect_to": _LOOPBACK,
        "certificate": f"{identity}/server.pem",
        "ca_certificates": f"{identity}/server-trust.pem",
        **_login(node),
        "expect": "answered",
        "status": _answers(node.filters_requests),
    }


@dataclass(frozen=True)
class Expectation:
    """A probe, and what its failure may come from.

    C(asks) is the host that must answer or refuse; C(None) where it is outside the fleet. C(rests_on) are probes of the
    same host: where one of them fails as well, it may be the cause. C(relayed) says that Orthanc itself asks.
    """

    probe: Probe = field(repr=False)
    asks: str | None
    rests_on: tuple[str, ...] = ()
    relayed: bool = False


def node_expectations(node: Node, identity: str, expired_client: str | None) -> list[Expectation]:
    """What one node must refuse, each beside what it must answer.

    ``expired_client`` is PEM text: key and certificate of the fleet's own CA that have expired. Where nodes sign for
    themselves, there is no CA that could have issued one.
    """
    own = own_probe(node, identity)
    refusals = [*_client_refusals(node, own, identity, expired_client), *_transport_refusals(node, own)]
    others = [*_further_names(node, own), *refusals, *_own_port(node, identity)]
    behind = tuple(probe["name"] for probe in others if probe["name"] == BEHIND)
    return [
        Expectation(own, node.host, behind),
        *(Expectation(probe, node.host, () if probe["name"] == BEHIND else (OWN,)) for probe in others),
    ]


def known_peers(node: Node, identity: str) -> Expectation:
    """Where Orthanc believes that its peers are; its answer names no password."""
    own = own_probe(node, identity)
    url = f"{own['url'].removesuffix('system')}peers?expand"
    return Expectation({**own, "name": KNOWN_PEERS, "url": url, "return_json": True}, node.host, (OWN,))


def pair_expectations(node: Node, peers: Sequence[Peer], identity: str, reached: Sequence[str]) -> list[Expectation]:
    """What a node must be able to do with each of its peers, seen from the node itself.

    Peers of the fleet that are not in ``reached`` (hosts whose pairs are tried) are left out.
    """
    own = own_probe(node, identity)
    taken = [peer for peer in peers if peer.host is None or peer.host in reached]
    return [expectation for peer in taken for expectation in _of_peer(own, peer)]


def _answers(filters_requests: bool) -> list[int]:
    """A filter of the user's may refuse the node itself with 403, which Orthanc does only where it serves."""
    return [200, 403] if filters_requests else [200]


def _login(node: Node) -> Mapping[str, str]:
    if node.credentials is None:
        return {}
    return {"username": node.credentials.username, "password": node.credentials.password}


def _client_refusals(node: Node, own: Probe, identity: str, expired_client: str | None) -> Iterator[Probe]:
    anonymous = _without(own, "certificate")
    if node.client_auth == "required":
        yield _refused(node, anonymous, "no client certificate", "certificate_required", "handshake_failure")
    if node.client_auth == "optional":
        yield {**anonymous, "name": "no client certificate"}
    if node.client_auth != "none":
        stranger = {**anonymous, "forge": "unknown_ca"}
        yield _refused(node, stranger, "a client certificate of another CA", "unknown_ca")
    if node.client_auth != "none" and node.tls_mode == "builtin":
        # Of an engine the status alone shows, which is the same for every certificate that it refuses.
        stranger = {**anonymous, "forge": "system_ca", "forge_except": f"{identity}/client-trust.pem"}
        yield _refused(node, stranger, "a client of a CA in the system's store", "unknown_ca")
    if node.client_auth != "none" and node.issuer.signs_on_node:
        stranger = {**anonymous, "forge": "self_signed"}
        yield _refused(node, stranger, "another self-signed certificate", "unknown_ca")
    if node.client_auth != "none" and expired_client is not None:
        expired = {**anonymous, "certificate": expired_client}
        yield _refused(node, expired, "an expired client certificate", "certificate_expired")
    if node.users:
        yield {**_without(own, *_LOGIN), "name": "no password", "expect": "refused", "status": [401], "control": OWN}


def _further_names(node: Node, own: Probe) -> Iterator[Probe]:
    """Yield an answer under each further name of the certificate.

    A front-end answers addresses only where it shares its port with no other site, so that only those are tried that
    the inventory lets it serve. A certificate of another issuer promises the node's first name alone.
    """
    if node.server_certificate:
        return
    for name in node.names[1:]:
        kind, _colon, host = name.partition(":")
        if node.tls_mode == "frontend" and kind == "IP" and host not in node.served_names:
            continue
        yield {**own, "name": f"as {host}", "url": f"{node.url_at(host.replace('*', _ANY, 1))}system"}


def _transport_refusals(node: Node, own: Probe) -> Iterator[Probe]:
    plain = {**_without(own, "certificate", "ca_certificates", *_LOGIN), "url": f"{node.plain_url}system"}
    yield _refused(node, plain, PLAIN)
    for version in _OLD_TLS:
        refused = {"expect": "refused", "status": [], "alerts": ["protocol_version"], "control": OWN}
        yield {**own, **refused, "name": f"TLS {version}", "tls_maximum": version}


def _own_port(node: Node, identity: str) -> Iterator[Probe]:
    """Orthanc's own port, where it is for the node alone: what answers 127.0.0.1 must not answer other addresses.

    No password is sent: another program that listens there would learn it.
    """
    if node.local_url is None:
        return
    control = {**health_probe(node, identity), "url": f"{node.local_url}system", "connect_to": _LOOPBACK}
    if control["name"] != OWN:
        yield control
    outside = _without(control, "certificate", "connect_to", *_LOGIN)
    yield {**outside, **_NO_ACCESS, "name": f"port {node.http_port}", "own_addresses": True, "control": control["name"]}


def _refused(node: Node, probe: Probe, name: str, *alerts: str) -> Probe:
    # A front-end answers a client without a valid certificate with an HTTP status, Orthanc with a TLS alert.
    way: Probe = {"status": [], "alerts": list(alerts)}
    if node.tls_mode == "frontend":
        way = {"status": [node.engine.refused_status]}
    return {**probe, **way, "name": name, "expect": "refused", "control": OWN}


def _of_peer(own: Probe, peer: Peer) -> Iterator[Expectation]:
    base = own["url"].removesuffix("system")
    # What the node's own filter refuses proves nothing of a peer.
    own = {**own, "status": _answers(peer.filters_requests), **({} if peer.required else {"required": False})}
    reached: tuple[str, ...] = (OWN,)
    if peer.host is not None:
        login = {option: peer.settings[key] for option, key in _LOGIN.items() if key in peer.settings}
        direct = _without(own, "connect_to", *_LOGIN)
        by_name = f"{peer.name} by name"
        reached = (by_name, peer_url_of(peer.name), OWN)
        yield Expectation({**direct, **login, "name": by_name, "url": f"{peer.settings['Url']}system"}, peer.host)
        if peer.local_url is not None:
            port = urlsplit(peer.local_url).port
            url = f"{peer.local_url}system"
            outside = {"name": f"port {port} of {peer.name}", "url": url, **_NO_ACCESS, "control": by_name}
            yield Expectation(outside, peer.host, (by_name,))
    as_peer = f"peer {peer.name}"
    asked = {**own, "name": as_peer, "url": f"{base}peers/{peer.name}/system"}
    yield Expectation(asked, peer.host, reached, relayed=True)
    if peer.dicom_web_url:
        asked = {
            **own,
            "name": f"DICOMweb server {peer.name}",
            "url": f"{base}dicom-web/servers/{peer.name}/get",
            "method": "POST",
            "body": json.dumps({"Uri": "/studies", "Arguments": {"limit": "1"}}),
        }
        yield Expectation(asked, peer.host, (as_peer, *reached), relayed=True)


def peer_url_of(name: str) -> str:
    """What the check is called that compares where Orthanc believes a peer to be."""
    return f"URL of peer {name}"


def _without(probe: Probe, *names: str) -> Probe:
    return {name: value for name, value in probe.items() if name not in names}
