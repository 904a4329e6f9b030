# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is asked when it is verified, as it follows from the inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import (
    OWN,
    Expectation,
    known_peers,
    node_expectations,
    own_probe,
    pair_expectations,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import mapping_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet

_ROOT = "/dicom-web/"


@dataclass(frozen=True)
class VerificationRequest:
    """What is expected of a node, the peers whose URL is compared, and the options of C(node_verify) on the node."""

    expectations: Sequence[Expectation]
    peers: Sequence[Peer]
    options: dict[str, Any]


def whole_request(
    fleet: Fleet, host: str, path: str, expired_client: str | None, reached: Sequence[str]
) -> VerificationRequest:
    """Ask all of a node, and of its pairs those with C(reached)."""
    node, identity = fleet.node(host), f"{path}/current"
    peers = fleet.peers(host, f"{identity}/server.pem")
    expectations = [
        *node_expectations(node, identity, expired_client),
        *([known_peers(node, identity)] if peers else []),
        *pair_expectations(node, peers, identity, reached),
    ]
    options = _options(path, expectations)
    if node.server_certificate:
        options["certificate"] = location.SERVER_CERTIFICATE
    if root := _dicom_web_root(fleet, node):
        options["dicom_web"] = {"probe": OWN, "root": root}
    return VerificationRequest(expectations, _compared(fleet, host, peers), options)


def calls_request(fleet: Fleet, host: str, reached: Sequence[str]) -> VerificationRequest:
    """Ask a node that takes no part in a run for its calls of those that do."""
    node = fleet.node(host)
    identity = f"{node.identity_path}/current"
    peers = [peer for peer in fleet.peers(host, f"{identity}/server.pem") if peer.host in reached]
    own = Expectation(own_probe(node, identity), host)
    expectations = [own, known_peers(node, identity), *pair_expectations(node, peers, identity, reached)]
    return VerificationRequest(expectations, _compared(fleet, host, peers), _options(node.identity_path, expectations))


def _options(path: str, expectations: Sequence[Expectation]) -> dict[str, Any]:
    return {
        "path": path,
        "probes": [expectation.probe for expectation in expectations],
        "relayed": [expectation.probe["name"] for expectation in expectations if expectation.relayed],
        "log": location.LOG,
    }


def _compared(fleet: Fleet, host: str, peers: Sequence[Peer]) -> list[Peer]:
    """Leave out peers that orthanc_config defines itself, and all where a filter may refuse to list them."""
    if fleet.node(host).filters_requests:
        return []
    own = mapping_of(host, fleet.variables(host), "orthanc_config").get("OrthancPeers") or {}
    return [peer for peer in peers if peer.host is not None and peer.name not in own]


def _dicom_web_root(fleet: Fleet, node: Node) -> str | None:
    """Return the path of DICOMweb below that of Orthanc; C(None) where there is none, or a filter may refuse it."""
    section = mapping_of(node.host, fleet.variables(node.host), "orthanc_config").get("DicomWeb") or {}
    if node.filters_requests or section.get("Enable") is False:
        return None
    return str(section.get("Root") or _ROOT).strip("/") + "/"
