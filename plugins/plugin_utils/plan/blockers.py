# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a run from doing its work on a node, found before any change: what was found, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.free_space import FreeSpace
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import Listener
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.answers.reader import quoted
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.known_issuers import shown, some
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Node
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.frontends.nginx_names import (
    host_of,
    is_address,
    taken_by,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blocker import Blocker
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.node_look import NodeLook
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.orthanc_blockers import (
    is_managed,
    orthanc_blockers,
)
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.port_holders import foreign_holders

LEAST_BYTES = 16 * 1024 * 1024
LEAST_INODES = 200

_UNSEEN = {
    "packages": ("The installed packages cannot be seen", "Repair dpkg on the node."),
    "units": ("The systemd units cannot be seen", "Repair systemd on the node."),
    "files": ("The files that a run would write cannot be seen", "Repair the node's file system."),
    "made_by_hand": ("Whether Orthanc was configured by hand cannot be seen", "Repair what that names on the node."),
    "free_space": ("How much space is free cannot be seen", "Repair the node's file systems."),
    "ports": (
        "Who holds the ports cannot be seen",
        "Install the package iproute2 on the node, which has the program ss.",
    ),
    "nginx": ("The configuration of nginx cannot be seen", "Repair /etc/nginx on the node until 'nginx -t' succeeds."),
    "capabilities": (
        "The file capabilities of Orthanc's program cannot be seen",
        "Repair what that names on the node.",
    ),
    "civetweb": ("Orthanc's web server cannot be seen", "Repair what that names on the node."),
    "identity": ("The node's identity cannot be seen", "Repair what that names on the node."),
    "enrolment": ("The node cannot get its certificate", "Repair what that names."),
    "server_certificate": (
        "The server certificate (orthanc_server_certificate) cannot be served",
        "Repair what that names, or correct the variable.",
    ),
    "services": ("The services cannot be seen", "Repair what that names on the node."),
}
_NEED_CRYPTOGRAPHY = ("identity", "enrolment", "server_certificate")
_CRYPTOGRAPHY = "python3-cryptography"


def blockers(node: Node, look: NodeLook, *, frontend_http_port: int, replace_configuration: bool) -> list[Blocker]:
    """Return what must be put right before a run can change anything on a node.

    C(frontend_http_port) is the port that redirects to HTTPS, 0 for none. C(replace_configuration) says that a
    configuration made by hand may be replaced.
    """
    by_hand_counts = not replace_configuration and not is_managed(look)
    found = [*_unseen(node, look, by_hand_counts=by_hand_counts), *_ports(node, look, frontend_http_port)]
    found += _nginx(node, look, frontend_http_port) if node.tls_mode == "frontend" else _environment(node, look)
    found += orthanc_blockers(look, by_hand_counts=by_hand_counts)
    return found + list(_space(look))


def _unseen(node: Node, look: NodeLook, *, by_hand_counts: bool) -> Iterator[Blocker]:
    """A section that a decision needs; a run installs what is missing to look at certificates."""
    unneeded = {"civetweb", "capabilities"} if node.tls_mode == "frontend" else {"nginx"}
    if not by_hand_counts:
        unneeded.add("made_by_hand")
    package = look.packages.get(_CRYPTOGRAPHY)
    if package is not None and package.version is None:
        unneeded.update(_NEED_CRYPTOGRAPHY)
    for section, (lead, remedy) in _UNSEEN.items():
        if section in look.faults and section not in unneeded:
            yield Blocker(f"{lead}: {quoted(look.faults[section])}.", remedy)
    for name, service in look.services.items():
        if service.fault is not None:
            what = f"What the service {name} was last healthy with cannot be seen: {quoted(service.fault)}."
            yield Blocker(what, "Repair what that names on the node.")


def _ports(node: Node, look: NodeLook, frontend_http_port: int) -> Iterator[Blocker]:
    if node.tls_mode == "frontend":
        for variable, port in node.ports.items():
            if port == frontend_http_port:
                yield Blocker(
                    f"{variable} and frontend_http_port are both {port}, and only one program can listen there.",
                    "Set one of them to another port, or frontend_http_port to 0 to open none.",
                )
    for needed, holder in foreign_holders(node, look, frontend_http_port):
        program = shown(holder.program) if holder.program else "a program that the node does not name"
        process = "" if holder.process is None else f" (process {holder.process})"
        none = ", or to 0 to open none" if needed.variable == "frontend_http_port" else ""
        yield Blocker(
            f"Port {needed.port} is held by {program}{process}, and {needed.title} needs it.",
            f"Stop that program or take it off the port, or set {needed.variable} to another port{none}.",
        )


def _nginx(node: Node, look: NodeLook, frontend_http_port: int) -> Iterator[Blocker]:
    if look.nginx is None:
        return
    if look.nginx.fault is not None:
        folder = os.path.dirname(node.engine.site)
        yield Blocker(
            f"nginx would not serve Orthanc: {quoted(look.nginx.fault)}.",
            f"Repair /etc/nginx on the node until 'nginx -t' succeeds and its http block has 'include {folder}/*;'.",
        )
    names = [host for name in node.names if (host := host_of(name)) and not is_address(host)]
    for (file, port), others in _by_file_and_port(look.nginx.other_listeners).items():
        server_names = [name for other in others for name in other.server_names]
        taken = [name for name in names if taken_by(name, server_names)]
        if taken and port in (node.https_port, frontend_http_port):
            yield _site_with_our_names(file, port, taken, is_https=port == node.https_port)
        elif not names and port == node.https_port:
            yield Blocker(
                f"This node has addresses but no name, and {shown(file)} has a site on port {port} that answers "
                "clients that come by address.",
                "Give the node a name (orthanc_fqdn), or set frontend_https_port to another port.",
            )


def _environment(node: Node, look: NodeLook) -> Iterator[Blocker]:
    """What keeps the environment from Orthanc with which it speaks TLS itself."""
    yield from _capabilities(look)
    unit = look.units.get(location.UNIT)
    needed = (
        "LD_LIBRARY_PATH",
        "OPENSSL_CONF",
        *(("SSL_CERT_FILE", "SSL_CERT_DIR") if node.asks_clients_itself else ()),
    )
    if lost := [shown(name) for name in needed if unit and name in unit.outranked]:
        yield Blocker(
            f"An EnvironmentFile of {location.UNIT} sets {some(lost)}, and systemd takes that before what a run sets, "
            "so that Orthanc would crash or let in clients of every CA in the system's store.",
            f"Take it out of that file, which 'systemctl show {location.UNIT} --property EnvironmentFiles' names.",
        )


def _capabilities(look: NodeLook) -> Iterator[Blocker]:
    """Linux starts such a program in secure mode, where OpenSSL and the dynamic linker ignore its environment."""
    found = look.capabilities
    if found is None or not (found.permitted or found.effective):
        return
    names = some([shown(name) for name in found.permitted]) or "none by name"
    yield Blocker(
        f"{location.PROGRAM} has file capabilities ({names}), so it ignores SSL_CERT_FILE, OPENSSL_CONF and "
        "LD_LIBRARY_PATH in its unit: Orthanc would accept client certificates of every CA in the system's store.",
        f"Run 'setcap -r {location.PROGRAM}'. If Orthanc needs a port below 1024, first put "
        f"'AmbientCapabilities=CAP_NET_BIND_SERVICE' into the section [Service] of a drop-in of your own for "
        f"{location.UNIT}, and run 'systemctl daemon-reload'.",
    )


def _by_file_and_port(listeners: Iterable[Listener]) -> dict[tuple[str, int], list[Listener]]:
    found: dict[tuple[str, int], list[Listener]] = {}
    for listener in listeners:
        found.setdefault((listener.file, listener.port), []).append(listener)
    return found


def _site_with_our_names(file: str, port: int, names: list[str], *, is_https: bool) -> Blocker:
    variable, none = ("frontend_https_port", "") if is_https else ("frontend_http_port", ", or to 0 to open none")
    return Blocker(
        f"{shown(file)} has a site on port {port} that serves {some(names)} already.",
        f"Take {'that name' if len(names) == 1 else 'these names'} out of that site, or remove the site, or set "
        f"{variable} to another port{none}.",
    )


def _space(look: NodeLook) -> Iterator[Blocker]:
    """Folders of which the same is said are on one file system, and are named together."""
    by_space: dict[tuple[int, int | None, bool], list[str]] = {}
    for folder, space in look.free_space.items():
        by_space.setdefault((space.bytes, space.inodes, space.read_only), []).append(folder)
    for folders in by_space.values():
        yield from _too_little(some(folders), look.free_space[folders[0]])


def _too_little(folders: str, space: FreeSpace) -> Iterator[Blocker]:
    if space.read_only:
        yield Blocker(f"The file system of {folders} is read-only.", "Mount it so that it can be written.")
        return
    if space.bytes < LEAST_BYTES:
        yield Blocker(
            f"The file system of {folders} has {space.bytes // 1024} KiB free, and a run needs {LEAST_BYTES // 1024}.",
            "Delete what is not needed there, or enlarge it.",
        )
    if space.inodes is not None and space.inodes < LEAST_INODES:
        yield Blocker(
            f"The file system of {folders} has room for {space.inodes} more files, and a run needs {LEAST_INODES}.",
            "Delete files that are not needed there (df -i shows where it is full), or enlarge it.",
        )
