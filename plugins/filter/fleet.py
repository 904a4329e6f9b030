# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on the name of a host: what the inventory of the whole fleet means for it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.secrets import has_secrets
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.filters import Filters
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet import pinned_trust as fleet_trust
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import (
    health_probe,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.inventory import without_facts
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.pinned_trust import (
    PinnedTrust,
    pinned_trust,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import (
    Service,
    service_of,
    services_of,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.variables import split
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import orthanc_settings, render
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.batches import batch_sizes

HostVars = Mapping[str, Mapping[str, Any]]
Groups = Mapping[str, Sequence[str]]


def fleet(host: str, hostvars: HostVars, groups: Groups) -> dict[str, Any]:
    """What the inventory says about a host, with the defaults resolved and without any secret."""
    view = Fleet(without_facts(hostvars), groups)
    node = view.node(host)
    peers = view.peers(host, "")
    trust = pinned_trust(view, host) if node.issuer.stages_renewals else PinnedTrust((), ())
    return {
        "host": node.host,
        "fqdn": node.fqdn,
        "url": node.url,
        "tls_mode": node.tls_mode,
        "client_auth": node.client_auth,
        "issuer": node.issuer.name,
        "has_ca_folder": node.issuer.has_ca_folder,
        "stages_renewals": node.issuer.stages_renewals,
        "http_port": node.http_port,
        "https_port": node.https_port,
        "services": [_shown(service) for service in services_of(node)],
        "orthanc_reads_identity": service_of(node, "orthanc").reads_identity,
        "engine": dataclasses.asdict(node.engine),
        "dicom_port": node.dicom_port,
        "names": list(node.names),
        "identity_path": node.identity_path,
        "peers": [_public(peer) for peer in peers],
        "server_certificate": node.server_certificate.path if node.server_certificate else "",
        "server_certificate_trust": list(node.server_certificate.ca_certificates) if node.server_certificate else [],
        "server_ca_certificates": view.server_ca_certificates(host),
        "pinned_clients": list(trust.clients),
        "pinned_servers": list(trust.servers),
        "pinned_hosts": [other for other in trust.hosts if other != host],
        "has_secrets": _has_secrets(peers, view.variables(host).get("orthanc_config")),
    }


def orthanc_json(
    host: str,
    hostvars: HostVars,
    groups: Groups,
    identity: str,
    unchecked_keys: Iterable[str] | str = (),
    version: str | None = None,
) -> str:
    """The text of a host's C(orthanc.json)."""
    view = Fleet(without_facts(hostvars), groups)
    peers = view.peers(host, f"{identity}/server.pem")
    user = view.variables(host).get("orthanc_config") or {}
    unchecked = split(unchecked_keys) if isinstance(unchecked_keys, str) else unchecked_keys
    settings = orthanc_settings(
        view.node(host), peers, user, identity=identity, unchecked_keys=unchecked, version=version
    )
    return render(settings)


def orthanc_has_secrets(text: str) -> bool:
    """Whether the text of an C(orthanc.json) holds what nobody may see; one that cannot be read may."""
    try:
        return has_secrets(json.loads(text))
    except ValueError:
        return True


def health(host: str, hostvars: HostVars, groups: Groups, identity: str) -> list[dict[str, Any]]:
    """The one probe that tells whether a host's Orthanc serves what it should."""
    return [health_probe(Fleet(without_facts(hostvars), groups).node(host), identity)]


def callers_outside(run: Sequence[str], hostvars: HostVars, groups: Groups) -> list[str]:
    """The hosts outside a run that call a host of it."""
    view = Fleet(without_facts(hostvars), groups)
    return [host for host in view.hosts if host not in run and any(peer in run for peer in view.node(host).peers)]


def activation(
    results: Sequence[Mapping[str, Any]],
    host: str,
    hostvars: HostVars,
    groups: Groups,
    fingerprint: str,
    run: Sequence[str],
) -> dict[str, Any]:
    """Of the hosts that C(identity_info) was asked about, whom to tell of a certificate, and for whom it waits."""
    trust = pinned_trust(Fleet(without_facts(hostvars), groups), host)
    unaware = fleet_trust.unaware({result["item"]: result for result in results}, fingerprint, trust)
    tell = [one["host"] for one in unaware if one["may_be_told"] and one["host"] not in run]
    return {"tell": tell, "waits_for": [one for one in unaware if one["host"] not in tell]}


def issuer_trust(host: str, hostvars: HostVars, groups: Groups) -> dict[str, list[str]]:
    """Whom a host trusts for the sake of CAs that are not ours: its own, and those of the hosts that call it."""
    view = Fleet(without_facts(hostvars), groups)
    return {"issuer": view.issuer_ca_certificates(host), "clients": view.client_ca_certificates(host)}


def ca_hosts(groups: Groups, hostvars: HostVars) -> list[str]:
    """The hosts of the group whose certificates come from the CA folder, in the inventory's order."""
    view = Fleet(without_facts(hostvars), groups)
    return [host for host in view.hosts if view.issuer(host).has_ca_folder]


def batches(groups: Groups, hostvars: HostVars) -> list[Any]:
    """How many nodes are changed at a time, as the inventory says or the plan suggests, for Ansible's C(serial)."""
    return batch_sizes(without_facts(hostvars), groups.get("orthanc", []))


def _shown(service: Service) -> dict[str, Any]:
    return {name: getattr(service, name) for name in ("name", "title", "unit", "how", "record")}


def _has_secrets(peers: Sequence[Peer], user: Mapping[str, Any] | None) -> bool:
    return has_secrets({"OrthancPeers": {peer.name: peer.settings for peer in peers}}) or has_secrets(user)


def _public(peer: Peer) -> dict[str, Any]:
    return {"name": peer.name, "host": peer.host, "url": peer.settings["Url"], "dicom_web_url": peer.dicom_web_url}


class FilterModule(Filters):
    """Ansible's entry point."""

    functions = (
        fleet,
        orthanc_json,
        orthanc_has_secrets,
        health,
        callers_outside,
        activation,
        ca_hosts,
        issuer_trust,
        batches,
    )
