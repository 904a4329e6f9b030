# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of simulated nodes on this machine, for the collection's own playbooks.

Each node has an C(/etc) of its own: its Python runs in a mount namespace with an overlay. Looks, plans, identities,
files, records, gates and the CA's folder are real. What is not there is Orthanc and nginx: the tasks of their roles are
replaced in a copy of the collection by those that write Orthanc's files and have a service load what is there,
systemctl says of every service that it runs, and one TLS server on a single port serves, by the name that is asked for,
what that node holds. It passes for Orthanc by the name of its process. Nothing is verified: there is nobody to refuse.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
PASSPHRASE = "of no interest"

_PYTHON = """#!/bin/sh
export PATH={folder}/bin:$PATH
export PYTHONPATH={here}/node_clock
[ -e {folder}/ahead ] && export FAKETIME=$(cat {folder}/ahead) FAKETIME_DONT_FAKE_MONOTONIC=1 AHEAD={faketime}
exec unshare --mount --propagation private sh -c '
    mount -t overlay overlay -o lowerdir=/etc,upperdir={node}/etc,workdir={node}/work /etc
    [ -z "$AHEAD" ] || export LD_PRELOAD=$AHEAD
    {python} "$@"
    status=$?
    times >>{folder}/times
    exit $status' sh "$@"
"""
_SYSTEMCTL = """#!/bin/sh
for unit; do
    case $unit in *.service) ;; *) continue ;; esac
    echo LoadState=loaded
    echo ActiveState=active
    echo MainPID={process}
    echo InvocationID=simulated
    echo 'ActiveEnterTimestamp=Thu 2026-01-01 00:00:00.000000 UTC'
    echo 'ExecStart={{ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc /etc/orthanc ; ignore_errors=no ; }}'
    echo
done
"""
_PR_SET_NAME = 15  # prctl(2)


@dataclass(frozen=True)
class Run:
    """What a run of a playbook took: seconds, seconds of processor, and the largest process in MiB.

    C(processor) is the control node's alone, C(of_nodes) what the nodes' modules took.
    """

    output: str
    status: int
    seconds: float
    processor: float
    of_nodes: float
    memory: float


@dataclass(frozen=True)
class Simulated:
    """C(size) nodes in C(folder), served on C(port)."""

    folder: Path
    size: int
    port: int

    @property
    def hosts(self) -> list[str]:
        return [f"node{number:03}" for number in range(1, self.size + 1)]

    def tls(self, host: str) -> Path:
        return self.folder / "nodes" / host / "etc" / "orthanc" / "tls"

    def leaves(self) -> dict[str, bytes]:
        """Return the live certificate of each node that has one."""
        files = {host: self.tls(host) / "current" / "cert.pem" for host in self.hosts}
        return {host: file.read_bytes() for host, file in files.items() if file.exists()}

    def make(self) -> None:
        """Make the nodes, their inventory and the copy of the collection."""
        _executable(self.folder / "bin" / "systemctl", _SYSTEMCTL.format(process=os.getpid()))
        group = Path("/etc/group").read_text() + "orthanc:x:64998:\n"
        for host in self.hosts:
            node = self.folder / "nodes" / host
            for name in ("etc/orthanc", "work"):
                (node / name).mkdir(parents=True)
            (node / "etc" / "group").write_text(group)
            words = {"here": HERE, "folder": self.folder, "node": node, "python": sys.executable, "faketime": FAKETIME}
            _executable(node / "python", _PYTHON.format(**words))
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(self._inventory()))
        copy = self.folder / "ansible_collections" / "openimaging" / "orthanc"
        for name in ("meta", "playbooks", "plugins", "roles"):
            shutil.copytree(ROOT / name, copy / name)
        shutil.copy(ROOT / "galaxy.yml", copy)
        for role in ("orthanc", "frontend"):
            shutil.rmtree(copy / "roles" / role / "tasks")
            shutil.copytree(HERE / "roles" / "simulated" / "tasks", copy / "roles" / role / "tasks")
        shutil.rmtree(copy / "roles" / "verify" / "tasks")
        shutil.copytree(HERE / "roles" / "nothing" / "tasks", copy / "roles" / "verify" / "tasks")

    def play(
        self,
        playbook: str,
        variables: Mapping[str, object],
        *arguments: str,
        ahead_days: int = 0,
        nodes_ahead: int | None = None,
    ) -> Run:
        """Run one of the collection's playbooks with clocks that are ahead by so many days."""
        (self.folder / "ahead").unlink(missing_ok=True)
        if days := ahead_days if nodes_ahead is None else nodes_ahead:
            (self.folder / "ahead").write_text(f"{days:+}d")
        (self.folder / "variables.yml").write_text(yaml.safe_dump(dict(variables)))
        (self.folder / "times").unlink(missing_ok=True)
        begun = time.monotonic()
        with open(self.folder / "output", "w+") as output:
            process = subprocess.Popen(
                [
                    Path(sys.executable).with_name("ansible-playbook"),
                    *("-i", "inventory.yml", "-e", "@variables.yml", *arguments, f"openimaging.orthanc.{playbook}"),
                ],
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | self._environment(ahead_days),
            )
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            said = output.read()
        seconds, of_nodes = time.monotonic() - begun, self._of_nodes()
        processor = usage.ru_utime + usage.ru_stime - of_nodes
        return Run(said, process.returncode, seconds, processor, of_nodes, usage.ru_maxrss / 1024)

    def _of_nodes(self) -> float:
        """Return what the modules took of the processor, as sh's C(times) says: each second line is a module's."""
        times = self.folder / "times"
        words = " ".join(times.read_text().splitlines()[1::2] if times.exists() else []).split()
        minutes = [re.fullmatch(r"(\d+)m([\d.]+)s", word) for word in words]
        return sum(int(found[1]) * 60 + float(found[2]) for found in minutes if found)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Serve what every node holds, as a process that is called Orthanc."""
        ctypes.CDLL(None).prctl(_PR_SET_NAME, b"Orthanc", 0, 0, 0)
        with socket.create_server(("127.0.0.1", self.port), backlog=200) as listener:
            thread = threading.Thread(target=self._accept, args=(listener,), daemon=True)
            thread.start()
            try:
                yield
            finally:
                listener.shutdown(socket.SHUT_RDWR)

    def _environment(self, ahead_days: int) -> dict[str, str]:
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder),
            "ANSIBLE_FORKS": "20",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "1",
            "PYTHONPATH": str(HERE / "clock"),
            "CLOCK_AHEAD_DAYS": str(ahead_days),
        }

    def _inventory(self) -> dict[str, object]:
        hosts = {host: {"ansible_python_interpreter": f"{self.folder}/nodes/{host}/python"} for host in self.hosts}
        variables = {
            "ansible_connection": "local",
            "identity_group": "root",
            "orthanc_ca_dir": f"{self.folder}/ca",
            "orthanc_ca_passphrase": PASSPHRASE,
            "orthanc_http_port": self.port,
            "orthanc_packages": [],
            "orthanc_tls_mode": "builtin",
        }
        return {"orthanc": {"hosts": hosts, "vars": variables}}

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._choose  # type: ignore[assignment]
        with connection, contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(4096)
            tls.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

    def _choose(self, tls: ssl.SSLSocket, name: str, _context: ssl.SSLContext) -> int | None:
        pem = self.tls(name) / "current" / "server.pem"
        if not pem.exists():
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(pem)
        tls.context = own
        return None


def _executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
