# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as metrics of the whole fleet, in the text format of Prometheus, for node_exporter's textfile collector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import parse_utc
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.model import (
    OUTSIDE,
    UNREACHABLE,
    FleetReport,
    ReportedNode,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import CA, LEAF

Labels = Mapping[str, str]
_PREFIX = "orthanc_tls_"


def metrics(report: FleetReport) -> str:
    """Return the text; a metric without samples is left out."""
    families = [
        ("certificate_not_after_timestamp_seconds", "When a node's certificate expires.", _leaves(report)),
        ("certificate_renewal_timestamp_seconds", "When its renewal is due.", _renewals(report)),
        ("ca_not_after_timestamp_seconds", "When a CA expires that nodes trust.", _authorities(report)),
        ("served_certificate_matches", "1 where a node serves the certificate on its disk.", _served(report)),
        ("generation_held", "1 where a node is held at its generation.", _held(report)),
        ("node_reachable", "1 where the report reached the node.", _reachable(report)),
        ("verify_probes", "Checks of the last report, by result.", _probes(report)),
        ("verify_last_run_timestamp_seconds", "When the report was made.", [({}, _seconds(report.made_at))]),
    ]
    return "".join(_family(f"{_PREFIX}{name}", text, samples) for name, text, samples in families)


def _family(name: str, text: str, samples: Iterable[tuple[Labels, float]]) -> str:
    lines = [
        f"{name}{_labels(labels)} {value:g}" if value < 1e6 else f"{name}{_labels(labels)} {value:.0f}"
        for labels, value in samples
    ]
    return "\n".join([f"# HELP {name} {text}", f"# TYPE {name} gauge", *lines, ""]) if lines else ""


def _labels(labels: Labels) -> str:
    quoted = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{quoted}}}" if quoted else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(instant: str) -> float:
    return parse_utc(instant).timestamp()


def _seen(report: FleetReport) -> Iterator[ReportedNode]:
    return (node for node in report.nodes if node.state not in (OUTSIDE, UNREACHABLE))


def _of_leaf(node: ReportedNode) -> Labels | None:
    leaf = node.certificate
    if leaf is None or not leaf.not_after:
        return None
    return {
        **{"node": node.host, "role": "node", "subject": leaf.subject},
        **{"issuer": leaf.issuer, "serial": leaf.serial, "path": leaf.path},
    }


def _leaves(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    for node in _seen(report):
        if node.certificate and (labels := _of_leaf(node)):
            yield labels, _seconds(node.certificate.not_after)


def _renewals(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    due = {end.holder: end.renewal_due for end in report.ends if end.what == LEAF}
    for node in _seen(report):
        if (labels := _of_leaf(node)) and (at := due.get(node.host)):
            yield labels, _seconds(at)


def _authorities(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    ends = {end.subject: end.not_after for end in report.ends if end.what == CA}
    return (({"subject": subject}, _seconds(end)) for subject, end in ends.items())


def _served(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    for node in _seen(report):
        if node.serves_what_it_holds is not None:
            yield {"node": node.host}, float(node.serves_what_it_holds)


def _held(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    return (({"node": node.host}, float(node.held is not None)) for node in _seen(report))


def _reachable(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    return (({"node": node.host}, float(node.state != UNREACHABLE)) for node in report.nodes if node.state != OUTSIDE)


def _probes(report: FleetReport) -> Iterator[tuple[Labels, float]]:
    for node in _seen(report):
        yield {"node": node.host, "result": "ok"}, node.checks - node.failed
        yield {"node": node.host, "result": "failed"}, node.failed
