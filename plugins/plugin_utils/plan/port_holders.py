# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the ports that a node's services need, and which of that is neither theirs nor will be free in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import Holder
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.services import service_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook

_RUNNING = ("active", "reloading", "refreshing")
_ORTHANC = "Orthanc"


@dataclass(frozen=True)
class NeededPort:
    """A port that a service needs: the variable that says so, the program that people know, and its unit."""

    port: int
    variable: str
    title: str
    unit: str


def needed_ports(node: Node, frontend_http_port: int) -> list[NeededPort]:
    """Return the ports that a node's services need."""
    of_orthanc = [
        NeededPort(node.http_port, "orthanc_http_port", _ORTHANC, location.UNIT),
        NeededPort(node.dicom_port, "orthanc_dicom_port", _ORTHANC, location.UNIT),
    ]
    if node.tls_mode == "builtin":
        return of_orthanc
    engine = node.engine
    of_engine = [
        NeededPort(node.https_port, "frontend_https_port", engine.name, engine.unit),
        NeededPort(frontend_http_port, "frontend_http_port", engine.name, engine.unit),
    ]
    return [needed for needed in of_engine if needed.port] + of_orthanc


def foreign_holders(node: Node, look: NodeLook, frontend_http_port: int) -> Iterator[tuple[NeededPort, Holder]]:
    """Yield each holder of a needed port that is not the service which needs it, nor one that a run takes off it."""
    for needed in needed_ports(node, frontend_http_port):
        for holder in look.ports:
            if holder.port != needed.port or _is(holder, needed.title, needed.unit, look):
                continue
            if not _is_left_by_orthanc(holder, needed, node, look) and not _is_left_by_engine(
                holder, needed, node, look
            ):
                yield needed, holder


def _is(holder: Holder, program: str, unit: str, look: NodeLook) -> bool:
    """Whether a program is what the unit runs; where the kernel does not name it, a unit that runs is taken for it.

    A second Orthanc of the same name is told by its process, as Orthanc has one only.
    """
    state = look.units.get(unit)
    if state is None:
        return holder.program == program or (holder.program is None and "units" in look.faults)
    if holder.program is None:
        return state.active_state in _RUNNING and state.main_pid > 0
    if holder.program != program or not (state.active_state in _RUNNING or state.main_pid > 0):
        return False
    alone = program == _ORTHANC and [path.rpartition("/")[2] for path in state.programs] == [_ORTHANC]
    return not alone or not state.main_pid or holder.process in (None, state.main_pid)


def _is_left_by_orthanc(holder: Holder, needed: NeededPort, node: Node, look: NodeLook) -> bool:
    """Whether Orthanc spoke TLS itself on what becomes the front-end's port.

    An unnamed program is not taken for it where somebody holds the port that Orthanc goes to: that is Orthanc, then.
    """
    if needed.unit == location.UNIT or not _is(holder, _ORTHANC, location.UNIT, look):
        return False
    return holder.program is not None or all(other.port != node.http_port for other in look.ports)


def _is_left_by_engine(holder: Holder, needed: NeededPort, node: Node, look: NodeLook) -> bool:
    """Whether the front-end served on what becomes the port of an Orthanc that speaks TLS itself."""
    if node.tls_mode != "builtin" or needed.variable != "orthanc_http_port":
        return False
    others = look.nginx.other_listeners if look.nginx else ()
    return (
        _is(holder, node.engine.name, node.engine.unit, look)
        and _has_our_site(node, look)
        and all(other.port != needed.port for other in others)
    )


def _has_our_site(node: Node, look: NodeLook) -> bool:
    service = service_of(node, "frontend")
    seen = [look.files[path].kind for path in (node.engine.site, service.record) if path in look.files]
    there = look.services.get(service.name)
    return any(kind != "missing" for kind in seen) or bool(there and there.record and there.record.recorded)
