# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a row that is not as expected: a sentence for a person who has not seen it before."""

from __future__ import annotations

import re

from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.expectations import BEHIND, OWN
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.check import Check

_UNREACHED = r"connect|[Tt]imeout|timed out|receiv"
_WORDS = (
    (r"proxy", "Orthanc on {host} calls {asks} through a proxy: name {asks} in NO_PROXY (systemctl edit orthanc)."),
    (r"resolve", "Correct DNS or /etc/hosts on {host}, or the URL of the peer."),
    (r"peer certificate|CA cert", "Orthanc on {host} does not trust {asks}: run site.yml --limit {host}."),
    (r"SSL|TLS|certificate", "{asks} refuses the certificate of {host}: run site.yml for both."),
    (_UNREACHED, "Check the route and the firewall from {host} to {asks}."),
)
"""What libcurl's texts mean, as Orthanc logs them."""
_PROXY = (
    "{host} itself reaches {asks}, and Orthanc does not, as through a proxy. The plan of site.yml --check --limit "
    "{host} names one that Orthanc was given: name {asks} in NO_PROXY then (systemctl edit orthanc). Where it names "
    "none, run site.yml --limit {host}."
)


def remedy(row: Check, *, is_reached: bool = False) -> str:
    """Say what to do about a row that failed for no other reason than itself.

    C(is_reached) says that the host was answered by the one that the row asks, without Orthanc.
    """
    said = " ".join((row.seen, *row.words))
    if row.relayed and is_reached and re.search(_UNREACHED, said) and "SSL" not in said:
        return _PROXY.format(host=row.host, asks=row.asks)
    return _sentence(row).format(host=row.host, asks=row.asks or "the other side", url=row.url)


def _sentence(row: Check) -> str:
    if row.name == OWN or row.name == BEHIND:
        return _own(row)
    if row.relayed:
        return _relayed(row)
    if row.name.startswith("URL of peer ") or row.name == "BulkDataURI" or row.refusal:
        return "Run site.yml --limit {host}: its plan says what differs on the node."
    if row.asks != row.host:
        return _pair(row)
    return "Run site.yml --limit {host}: its plan says what differs on the node."


def _own(row: Check) -> str:
    if row.status in (401, 403):
        return "Orthanc refuses its own user: run site.yml --limit {host}, which writes orthanc_config anew."
    if "refused" in row.seen and "nothing listens" in row.seen:
        unit = "nginx" if BEHIND in row.rests_on else "orthanc"
        return (
            f"{unit} does not run: 'systemctl status {unit}' on {{host}} and its log tell why. "
            "site.yml --limit {host} starts it."
        )
    return "Repair this node first, with site.yml --limit {host}: nothing else that it shows proves anything."


def _relayed(row: Check) -> str:
    if row.status == 404:
        return "Orthanc on {host} does not know this peer, or lacks DICOMweb: run site.yml --limit {host}."
    said = " ".join((row.seen, *row.words))
    for pattern, sentence in _WORDS:
        if re.search(pattern, said):
            return sentence
    return "Read /var/log/orthanc/Orthanc.log on {host}, and on {asks}."


def _pair(row: Check) -> str:
    if "resolved" in row.seen:
        return "Correct DNS or /etc/hosts on {host}, or orthanc_fqdn of {asks}."
    if row.status is None and row.alert is None and "certificate" not in row.seen:
        return "Check that {asks} is up, then the route and the firewall from {host} to it."
    return "Run site.yml for both, with --limit {host},{asks}."
