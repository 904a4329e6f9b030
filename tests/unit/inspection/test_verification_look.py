# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One execution on a node tells all: probes, Orthanc's own words, a link that was followed, and the certificates."""

from __future__ import annotations

import http.server
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, made_folder
from identities import Node

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.relayed import errors_in
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.verification import verify

ONE = "-".join(["0123abcd"] * 5)
BULK = "/dicom-web/studies/1.2/series/1.3/instances/1.4/bulk/7fe00010"
METADATA = "/dicom-web/studies/1.2/series/1.3/instances/1.4/metadata"
Answers = dict[str, Any]


def orthanc(base: str) -> Answers:
    """Return what an Orthanc with one image answers, by path."""
    tags = {"/study": "StudyInstanceUID", "/series": "SeriesInstanceUID", "": "SOPInstanceUID"}
    uids = dict(zip(tags, ("1.2", "1.3", "1.4"), strict=True))
    return {
        "/system": {"Name": "a"},
        "/instances?since=0&limit=1": [ONE],
        **{f"/instances/{ONE}{level}": {"MainDicomTags": {tag: uids[level]}} for level, tag in tags.items()},
        METADATA: [{"7FE00010": {"vr": "OW", "BulkDataURI": f"{base}{BULK}"}}],
        BULK: {"pixels": 1},
    }


@contextmanager
def serving(answers: Callable[[str], Answers], log: Path | None = None) -> Iterator[str]:
    moments = itertools.count()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers(base).get(self.path)
            body = json.dumps(found if found is not None else {"Message": "no"}).encode()
            self.send_response(500 if self.path.startswith("/peers/") else 404 if found is None else 200)
            if log and self.path.startswith("/peers/"):
                with log.open("a") as file:
                    file.write(LINES[self.path].replace("367338", f"{next(moments):06}"))
            self.send_header("Content-Type", "application/dicom+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        base = f"http://localhost:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield base
        server.shutdown()


def verified(base: str, folder: Path, **more: Any) -> dict[str, Any]:
    probe = {"name": "own", "url": f"{base}/system", "connect_to": "127.0.0.1"}
    options = {"path": str(folder), "probes": [probe], "timeout": 3.0, "relayed": [], "log": None, "certificate": None}
    return verify({**options, "dicom_web": {"probe": "own", "root": "dicom-web/"}, **more}, NOW)


def test_a_link_to_the_node_itself_is_followed(tmp_path: Path) -> None:
    with serving(orthanc) as base:
        assert verified(base, tmp_path)["link"] == {"ok": True, "seen": "HTTP 200"}


@pytest.mark.parametrize(
    "link", ["http://localhost/dicom-web/x?name=Doe", "https://evil.test/bulk/Doe", "http://[x/Doe", "/bulk"]
)
def test_a_link_that_leads_elsewhere_is_told_without_its_path_and_not_followed(tmp_path: Path, link: str) -> None:
    def elsewhere(base: str) -> Answers:
        return {**orthanc(base), METADATA: [{"7FE00010": {"BulkDataURI": link}}]}

    with serving(elsewhere) as base:
        seen = verified(base, tmp_path)["link"]
    assert seen["ok"] is False and "Doe" not in seen["seen"]


def test_a_link_that_is_not_answered_is_told(tmp_path: Path) -> None:
    with serving(lambda base: {**orthanc(base), BULK: None}) as base:
        assert verified(base, tmp_path)["link"] == {"ok": False, "seen": "HTTP 404"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"/instances?since=0&limit=1": []}, "no image is stored"),
        ({"/instances?since=0&limit=1": ["../../etc"]}, "no image is stored"),
        ({f"/instances/{ONE}": {"MainDicomTags": {"SOPInstanceUID": "1/../2"}}}, "no image is stored"),
        ({METADATA: [{"00100020": {"vr": "LO"}}]}, "the first image has no link"),
    ],
)
def test_where_there_is_nothing_to_follow_that_is_neither_good_nor_bad(
    tmp_path: Path, changed: Answers, why: str
) -> None:
    with serving(lambda base: {**orthanc(base), **changed}) as base:
        assert verified(base, tmp_path)["link"] == {"ok": None, "seen": why}


LINES = {
    "/peers/b/system": "E1128 04:19:36.367338           HTTP-1 OrthancException.cpp:62] Error in the network protocol: "
    "libCURL error: Could not connect to server while accessing https://b/system?PatientName=DOE\n",
    "/peers/c/system": "E1128 04:19:37.367338 HttpClient.cpp:58] Error code 7 in libcurl: Couldn't connect to server\n"
    "E1128 04:19:51.367338 OrthancException.cpp:58] Error in the network protocol: "
    "libCURL error: SSL peer certificate or SSH remote key was not OK\n",
}


def test_what_orthanc_logs_of_a_failed_peer_is_told_for_that_peer_and_without_the_url(tmp_path: Path) -> None:
    log = tmp_path / "Orthanc.log"
    log.write_text("E1128 04:00:00.000000 OrthancException.cpp:62] libCURL error: of an hour ago\n")
    names = {"peer b": "/peers/b/system", "peer c": "/peers/c/system"}
    with serving(orthanc, log) as base:
        probes = [{"name": name, "url": f"{base}{path}", "connect_to": "127.0.0.1"} for name, path in names.items()]
        seen = verified(base, tmp_path, probes=probes, relayed=[*names], log=str(log))
    assert seen["words"]["peer b"] == ["Could not connect to server"]
    assert seen["words"]["peer c"] == ["SSL peer certificate or SSH remote key was not OK"]


def test_lines_that_are_no_errors_of_requests_are_left_out() -> None:
    assert (
        errors_in(["W1128 x.cpp:1] libCURL error: a warning", "E1128 y.cpp:2] Bad file: DOE^JOHN", "libCURL error: x"])
        == []
    )


def test_a_probe_that_cannot_be_tried_and_an_identity_that_is_missing_are_no_failures(tmp_path: Path) -> None:
    probe = {"name": "own", "url": "https://a/system", "certificate": str(tmp_path / "none.pem")}
    seen = verified("", tmp_path, probes=[probe], certificate=str(tmp_path / "none.pem"))
    assert "own" in seen["answers"]["faults"] and seen["link"] is None
    assert seen["identity"]["facts"] is None and "no identity's folder" in seen["identity"]["fault"]
    assert "Cannot read" in seen["certificate"]["fault"]


def test_the_identity_is_told_with_its_bundles_and_without_its_key(tmp_path: Path) -> None:
    node = Node(made_folder(tmp_path), tmp_path / "tls")
    node.run()
    seen = verified("https://a", tmp_path / "tls", probes=[{"name": "x", "url": "http://127.0.0.1:1/"}])
    assert {"certificates", "client_trust", "server_trust", "held"} <= seen["identity"]["facts"].keys()
    assert "PRIVATE KEY" not in json.dumps(seen)
