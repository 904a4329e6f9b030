# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instruments of the long proofs see what fails: the loader on a real port, the outages in written-down times."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from authorities import made_folder
from identities import Node
from loopback_tls import tls_server

SOAK = Path(__file__).resolve().parents[1] / "soak"


def loaded(folder: Path, port: int, *, kind: str, while_asking: Any = lambda: None) -> dict[str, Any]:
    """Load a port until it was answered at least once and C(while_asking) is over; return what was written down."""
    files = {name: str(folder / name) for name in ("ready", "stop", "result")}
    identity = str(folder / "tls" / "current")
    target = {"name": "node", "kind": kind, "host": "127.0.0.1", "port": port, "path": "/"}
    plan = {
        **files,
        "pause": 0.001,
        "client": f"{identity}/server.pem",
        "ca": f"{identity}/server-trust.pem",
        "targets": [target | {"server_name": "node.example.org"}],
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    with subprocess.Popen([sys.executable, SOAK / "load.py", folder / "plan.json"]) as process:
        until = time.monotonic() + 20
        while not Path(files["ready"]).exists() and time.monotonic() < until:
            time.sleep(0.01)
        while_asking()
        Path(files["stop"]).touch()
        assert process.wait(30) == 0
    (asked,) = json.loads(Path(files["result"]).read_text())["asked"]
    result: dict[str, Any] = asked
    return result


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = Node(made_folder(tmp_path), tmp_path / "tls")
    node.run()
    return node


@pytest.mark.parametrize("kind", ["fresh", "kept"])
def test_what_is_answered_is_counted_with_the_certificate(tmp_path: Path, node: Node, kind: str) -> None:
    trust = node.file("client-trust.pem")
    with tls_server(node.file("server.pem"), client_ca=trust) as port:
        asked = loaded(tmp_path, port, kind=kind, while_asking=lambda: time.sleep(0.3))
    assert asked["ok"] > 3 and (asked["failed"], asked["gaps"]) == (0, [])
    assert asked["fingerprints"] == [node.run()["fingerprint_sha256"]]


def test_an_outage_fails_requests_and_has_a_beginning_and_an_end(tmp_path: Path, node: Node) -> None:
    certificate = node.file("server.pem")

    def away() -> None:
        server.close()
        time.sleep(0.4)
        with tls_server(certificate, port=port):
            time.sleep(0.3)

    with contextlib.ExitStack() as server:
        port = server.enter_context(tls_server(certificate))
        asked = loaded(tmp_path, port, kind="fresh", while_asking=away)
    assert asked["failed"] > 3 and "Connection refused" in " ".join(asked["errors"])
    begin, end = asked["gaps"][0]
    assert 0.3 < end - begin < 5


def compared(
    folder: Path,
    gaps: dict[str, list[tuple[float, float]]],
    *,
    ok: int = 3000,
    stopping: tuple[float, float] = (0.5, 0.5),
) -> subprocess.CompletedProcess[str]:
    """Compare outages in a story of one restart of each node, and one rotation of both."""
    kinds = {"a": "fresh", "b": "fresh", "a calls b": "fresh"}
    asked = [{"name": name, "kind": kind, "ok": ok, "gaps": gaps.get(name, [])} for name, kind in kinds.items()]
    turns = [
        {"kind": "restart", "host": "a", "begun": 0, "stopping": stopping[0]},
        {"kind": "restart", "host": "b", "begun": 10},
        {"kind": "rotation", "begun": 20, "stopping": stopping[1]},
    ]
    (folder / "result.json").write_text(json.dumps({"asked": asked}))
    (folder / "turns.json").write_text(json.dumps(turns))
    paths = (SOAK / "load" / "outages.py", folder / "result.json", folder / "turns.json")
    program = [sys.executable, *map(str, paths), "a"]
    return subprocess.run(program, capture_output=True, text=True, check=False)


FAIR = {"a": [(1.0, 2.0), (21.0, 22.05)], "b": [(11.0, 12.0), (25.0, 26.0)], "a calls b": [(11.0, 12.1), (21.1, 22.0)]}


def test_outages_of_the_same_length_are_accepted(tmp_path: Path) -> None:
    done = compared(tmp_path, FAIR)
    assert done.returncode == 0, done.stderr
    assert "ratio 1.05" in done.stdout


def test_the_time_that_orthanc_takes_to_stop_makes_no_difference(tmp_path: Path) -> None:
    slow = {"a": [(1.0, 2.0), (21.0, 23.0)], "a calls b": []}
    assert "ratio 1.00" in compared(tmp_path, FAIR | slow, stopping=(0.5, 1.5)).stdout
    assert "times the restart's" in compared(tmp_path, FAIR | slow, stopping=(0.5, 0.5)).stderr


@pytest.mark.parametrize(
    ("gaps", "says"),
    [
        ({"a": [(1.0, 2.0), (21.0, 22.2)]}, "times the restart's"),
        ({"a": [(1.0, 2.0)]}, "0 outages of a"),
        ({"a": [(1.0, 2.0), (21.0, 22.0), (23.0, 24.0)]}, "2 outages of a"),
        ({"a": [(1.0, 2.0), (15.0, 16.0), (21.0, 22.0)]}, "while only b was restarted"),
        ({"a calls b": [(5.0, 6.0)]}, "a calls b: 5.0 to 6.0"),
    ],
    ids=["longer", "none", "two", "with the other's restart", "beside"],
)
def test_outages_that_should_not_be_are_named(tmp_path: Path, gaps: Any, says: str) -> None:
    done = compared(tmp_path, FAIR | gaps)
    assert done.returncode != 0 and says in done.stderr


def test_a_node_that_was_asked_too_little_proves_nothing(tmp_path: Path) -> None:
    assert "was asked 100 times only" in compared(tmp_path, FAIR, ok=100).stderr
