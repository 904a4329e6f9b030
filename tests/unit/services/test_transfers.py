# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restart would cut is counted on real sockets, and waited for."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.services.transfers import (
    connections,
    unfinished_jobs,
    wait_until_none,
)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connection_counts_from_its_first_byte_to_its_end(family: socket.AddressFamily) -> None:
    with socket.create_server(("127.0.0.1" if family == socket.AF_INET else "::1", 0), family=family) as server:
        port = server.getsockname()[1]
        assert connections([port]) == 0, "a port that is open is no connection"
        with socket.create_connection(server.getsockname()[:2]) as client:
            accepted, _address = server.accept()
            with accepted:
                assert connections([port]) == 1
                assert connections([client.getsockname()[1]]) == 1, "that one is the client's end"
                assert connections([]) == 0
        assert connections([port]) == 0


@pytest.fixture
def orthanc() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A server that answers for jobs what the second item says, and the probe with which its health is asked."""
    says: dict[str, Any] = {"status": 200, "jobs": []}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/orthanc/jobs?expand"
            body = json.dumps(says["jobs"]).encode()
            self.send_response(says["status"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"name": "health", "url": f"http://127.0.0.1:{server.server_port}/orthanc/system", "status": [200]}, says
        server.shutdown()


def test_jobs_that_run_or_wait_count_and_no_others(orthanc: tuple[dict[str, Any], dict[str, Any]]) -> None:
    probe, says = orthanc
    states = ("Pending", "Running", "Success", "Failure", "Paused", "Retry")
    says["jobs"] = [{"ID": state, "State": state} for state in states]
    assert unfinished_jobs(probe, "jobs?expand") == 2


@pytest.mark.parametrize(
    ("status", "jobs"), [(401, [{"State": "Running"}]), (200, {"State": "Running"}), (200, ["Running", 5, None])]
)
def test_an_orthanc_that_does_not_tell_of_its_jobs_is_not_waited_for(
    orthanc: tuple[dict[str, Any], dict[str, Any]], status: int, jobs: Any
) -> None:
    probe, says = orthanc
    says |= {"status": status, "jobs": jobs}
    assert unfinished_jobs(probe, "jobs?expand") == 0


def test_waiting_ends_with_the_last_transfer_or_with_the_time() -> None:
    counts = iter([2, 1, 0])
    began = time.monotonic()
    assert wait_until_none(lambda: next(counts), 60) == 0
    assert wait_until_none(lambda: 3, 0) == 3
    assert time.monotonic() - began < 10
    began = time.monotonic()
    assert wait_until_none(lambda: 1, 1) == 1
    assert time.monotonic() - began >= 1
