# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether services answer now, asked over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

from tls_servers import answering, ca, closed_port, combined, http, node, orthanc, server_context, serving

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.answers import answers


def plain(port: int, **changes: Any) -> dict[str, Any]:
    return {"name": "Orthanc itself", "url": f"http://127.0.0.1:{port}/system", **changes}


def oks(seen: dict[str, Any]) -> dict[str, bool]:
    return {result["name"]: result["ok"] for result in seen["results"]}


def test_an_answer_and_a_closed_port_are_told_apart_and_neither_is_a_failure() -> None:
    with serving(answering()) as port:
        seen = answers([plain(port), plain(closed_port(), name="nginx")])
    assert oks(seen) == {"Orthanc itself": True, "nginx": False} and seen["faults"] == {}


def test_an_orthanc_that_wants_a_password_answers() -> None:
    with serving(answering(http("401 Unauthorized"))) as port:
        assert oks(answers([plain(port, status=[200, 401])])) == {"Orthanc itself": True}


def test_without_probes_nothing_is_asked() -> None:
    assert answers([]) == {"results": [], "faults": {}}


def test_a_certificate_that_is_missing_keeps_only_its_own_probe_from_being_tried(tmp_path: Path) -> None:
    https = {"name": "nginx", "url": "https://127.0.0.1:1/", "certificate": str(tmp_path / "server.pem")}
    with serving(answering()) as port:
        seen = answers([https, plain(port)])
    assert oks(seen) == {"Orthanc itself": True}
    assert seen["faults"].keys() == {"nginx"} and "server.pem" in seen["faults"]["nginx"]


def test_a_refusal_counts_beside_its_control_and_fails_with_it(tmp_path: Path) -> None:
    with serving(orthanc(server_context(client_ca=ca()))) as port:
        right = {
            "name": "right",
            "url": f"https://node.example:{port}/system",
            "connect_to": "127.0.0.1",
            "ca_certificates": ca().cert_pem.decode(),
            "certificate": combined(node()),
        }
        nobody = {**right, "name": "nobody", "certificate": None, "expect": "refused", "control": "right"}
        assert oks(answers([nobody, right])) == {"right": True, "nobody": True}
        seen = answers([nobody, {**right, "certificate": str(tmp_path / "gone.pem")}])
    assert seen["results"] == [] and seen["faults"].keys() == {"right", "nobody"}


def test_a_service_that_is_silent_is_waited_for_at_most_two_seconds() -> None:
    silent = threading.Event()

    def behave(connection: socket.socket) -> None:
        silent.wait(20)

    with serving(behave) as port:
        start = time.monotonic()
        seen = answers([plain(port)])
        assert time.monotonic() - start < 4
        silent.set()
    assert oks(seen) == {"Orthanc itself": False}
