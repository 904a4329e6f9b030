# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service loads what is on disk, is asked over a real port, and goes back to what it was healthy with."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from loopback_tls import listening
from recorded_service import Killed, Node, killed_after

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files import atomic
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import loading as services
from ansible_collections.openimaging.orthanc.plugins.module_utils.services import log_tail
from ansible_collections.openimaging.orthanc.plugins.module_utils.services.loading import (
    RELOADED,
    RESTARTED,
    Loading,
    load,
    record_as_found,
    take_out,
)

NOTHING = {"changed": False, "due": False, "differs": []}
SYSTEMCTL = """#!/bin/sh
echo "$*" >>{folder}/asked
case " $* " in
*" show "*) cat {folder}/state ;;
*" restart "*|*" reload-or-restart "*) cp {config} {folder}/loaded 2>{folder}/complaint; exit $(cat {folder}/status) ;;
esac
"""


class Service(Node):
    """A service that answers 200 as long as what it has loaded says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.loaded = folder / "loaded"
        (folder / "state").write_text((folder / "bin" / "systemctl").read_text().split("\n", 2)[2].rpartition("END")[0])
        (folder / "status").write_text("0")
        program = folder / "bin" / "systemctl"
        program.write_text(SYSTEMCTL.format(folder=folder, config=self.config))
        self.settings("healthy")
        self.loaded.write_text(self.config.read_text())

    def settings(self, text: str) -> None:
        self.config.write_text(json.dumps({"Password": "s3cret", "is": text}))

    def stops_after_its_start(self) -> None:
        (self.folder / "state").write_text(
            "LoadState=loaded\nActiveState=failed\nActiveEnterTimestamp=\nInvocationID=\n"
        )

    def asked(self) -> list[str]:
        """What systemd was asked to do, looks left out."""
        file = self.folder / "asked"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if not line.startswith("show")]


def _answer_once(port: int) -> None:
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    ThreadingHTTPServer(("127.0.0.1", port), Healthy).handle_request()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(services, "_DELAY", 0.01)
    return Service(tmp_path)


@pytest.fixture
def loading(service: Service) -> Iterator[Loading]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if "healthy" in service.loaded.read_text() else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    probe = {"name": "itself", "url": f"http://127.0.0.1:{server.server_port}/", "status": [200]}
    yield Loading(
        unit="orthanc.service",
        how=RESTARTED,
        record=str(service.record),
        files=service.paths,
        test=[],
        probes=[probe],
        certificate=None,
        patience=0,
        start_timeout=0,
        identity=None,
        reason="it did not come back",
        log=None,
        withdrawn=[],
        without=[],
    )
    server.shutdown()
    server.server_close()


def run(loading: Loading, *, stale: bool = False, check_mode: bool = False) -> dict[str, Any]:
    return load(loading, stale=stale, check_mode=check_mode)


def restarts(service: Service) -> int:
    return sum(line.startswith(("restart", "reload-or-restart")) for line in service.asked())


def test_a_restart_waits_for_transfers_until_their_end_or_the_time_s(service: Service, loading: Loading) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        port = server.getsockname()[1]
        assert run(replace(loading, ports=[port], grace=1))["cut"] == 1, "it is cut once the time is over"
        service.settings("healthy, with another change")
        threading.Timer(0.5, client.close).start()
        threading.Timer(0.5, server.accept()[0].close).start()
        began = time.monotonic()
        assert run(replace(loading, ports=[port], grace=60))["cut"] == 0
        assert 0.4 < time.monotonic() - began < 30
    assert restarts(service) == 2


def test_nothing_is_waited_for_where_nothing_is_restarted(service: Service, loading: Loading) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        busy = replace(loading, ports=[server.getsockname()[1]], grace=60)
        began = time.monotonic()
        assert run(replace(busy, how=RELOADED))["cut"] == 0
        assert "cut" not in run(busy), "it has loaded all"
        assert run(busy, stale=True, check_mode=True)["due"] is True
        assert time.monotonic() - began < 30


def test_what_differs_is_loaded_once_and_recorded(service: Service, loading: Loading) -> None:
    assert run(loading)["changed"] is True
    assert service.asked() == [
        "unmask --quiet -- orthanc.service",
        "daemon-reload",
        "enable --quiet -- orthanc.service",
        "reset-failed -- orthanc.service",
        "restart -- orthanc.service",
    ]
    assert run(loading) == NOTHING
    assert restarts(service) == 1


def test_what_is_to_be_reloaded_is_reloaded(service: Service, loading: Loading) -> None:
    assert run(replace(loading, how=RELOADED))["changed"] is True
    assert service.asked()[-1] == "reload-or-restart -- orthanc.service"


def test_a_service_that_starts_slowly_is_waited_for_as_long_as_it_lives(service: Service, loading: Loading) -> None:
    """As an Orthanc that upgrades its database: it runs, and does not listen yet."""
    with listening() as taken:
        port = taken.getsockname()[1]
    late = {**loading.probes[0], "url": f"http://127.0.0.1:{port}/"}
    threading.Timer(1, _answer_once, args=(port,)).start()
    assert "failed" not in run(replace(loading, probes=[late], start_timeout=30))


def test_a_service_that_has_no_process_is_not_waited_for(service: Service, loading: Loading) -> None:
    nowhere = {**loading.probes[0], "url": "http://127.0.0.1:1/"}
    service.stops_after_its_start()
    began = time.monotonic()
    assert run(replace(loading, probes=[nowhere], start_timeout=600))["failed"] is True
    assert time.monotonic() - began < 60


def test_one_that_listens_and_answers_wrongly_is_waited_for_no_longer_than_patience(
    service: Service, loading: Loading
) -> None:
    service.settings("broken")
    began = time.monotonic()
    assert run(replace(loading, start_timeout=600))["failed"] is True
    assert time.monotonic() - began < 60


def test_check_mode_says_so_and_does_nothing(service: Service, loading: Loading) -> None:
    before = service.everything()
    assert run(loading, check_mode=True)["changed"] is True
    assert service.asked() == [] and service.everything().keys() - before.keys() <= {str(service.folder / "asked")}


def test_a_service_that_is_not_healthy_gets_back_what_it_was_healthy_with_and_loads_that(
    service: Service, loading: Loading
) -> None:
    run(loading)
    healthy = service.states()
    service.settings("broken")
    answer = run(loading)
    assert (answer["failed"], answer["restored"], answer["back"]) == (True, True, "healthy")
    assert "HTTP 500" in answer["msg"]
    assert service.states() == healthy and "healthy" in service.loaded.read_text()
    assert run(loading) == NOTHING


def test_the_record_has_the_probe_that_was_answered_for_another_configuration_may_answer_elsewhere(
    service: Service, loading: Loading
) -> None:
    run(loading)
    service.settings("broken")
    nowhere = {"name": "itself", "url": "http://127.0.0.1:1/", "status": [200]}
    answer = run(replace(loading, probes=[nowhere]))
    assert (answer["restored"], answer["back"]) == (True, "healthy")


def test_one_that_is_not_healthy_with_that_either_is_said(service: Service, loading: Loading) -> None:
    run(loading)
    service.settings("broken")
    (service.folder / "status").write_text("1")
    answer = run(loading)
    assert (answer["restored"], answer["back"]) == (True, "not healthy")
    assert "restart -- orthanc.service' failed" in answer["back_failure"]


def test_of_an_earlier_versions_record_there_is_no_telling_how_to_ask(service: Service, loading: Loading) -> None:
    run(loading)
    file = service.record / "last" / "record.json"
    data = json.loads(file.read_text())
    del data["probes"]
    file.write_text(json.dumps(data))
    assert run(loading)["changed"] is False, "such a record is no reason to load anything"
    service.settings("broken")
    assert run(loading)["back"] == "not asked"


def test_one_that_was_never_healthy_is_stopped(service: Service, loading: Loading) -> None:
    service.settings("broken")
    answer = run(loading)
    assert (answer["failed"], answer["restored"], answer["held"]) == (True, False, False)
    assert service.asked()[-1] == "stop -- orthanc.service"


def test_one_that_was_never_healthy_is_withdrawn_where_the_program_has_other_work(
    service: Service, loading: Loading
) -> None:
    service.settings("broken")
    goes_on = replace(loading, withdrawn=[str(service.config)], without=["touch", str(service.folder / "went on")])
    assert run(goes_on)["restored"] is False
    assert not service.config.exists() and (service.folder / "went on").exists()
    assert "stop -- orthanc.service" not in service.asked()


def test_a_configuration_that_does_not_pass_its_test_is_never_loaded(service: Service, loading: Loading) -> None:
    run(loading)
    service.settings("healthy too")
    answer = run(replace(loading, test=["sh", "-c", "echo a brace is missing >&2; false"]))
    assert "a brace is missing" in answer["msg"] and answer["restored"] is True
    assert "healthy too" not in service.loaded.read_text()


def test_a_service_that_is_restarted_is_left_alone_where_it_has_loaded_all_and_does_not_answer(
    service: Service, loading: Loading
) -> None:
    run(loading)
    service.loaded.write_text("hangs")
    answer = run(loading)
    assert (answer["failed"], answer["changed"], answer["restored"]) == (True, False, False)
    assert restarts(service) == 1


def test_a_service_that_is_reloaded_is_reloaded_where_it_serves_something_else(
    service: Service, loading: Loading
) -> None:
    loading = replace(loading, how=RELOADED)
    run(loading)
    service.loaded.write_text("was changed by hand")
    assert run(loading)["changed"] is True
    assert restarts(service) == 2


def test_the_identity_that_goes_back_is_held(service: Service, loading: Loading, tmp_path: Path) -> None:
    loading = replace(loading, identity=str(service.link.parent))
    run(loading)
    atomic.swap_link(str(service.link), "b")
    service.settings("broken")
    assert run(loading)["held"] is True
    held = json.loads((service.link.parent / "held.json").read_text())
    assert held["generation"] == "a" and held["why"].startswith("it did not come back: ")


def test_how_it_was_found_is_recorded_once_and_without_asking(service: Service, loading: Loading) -> None:
    service.loaded.write_text("plain HTTP")
    assert record_as_found(loading, check_mode=False)["changed"] is True
    assert record_as_found(loading, check_mode=False)["changed"] is False
    assert service.asked() == []
    service.settings("broken")
    assert run(loading)["back"] == "as found"


def test_one_that_does_not_run_is_not_recorded_as_found(service: Service, loading: Loading) -> None:
    (service.folder / "state").write_text("LoadState=not-found\n")
    assert record_as_found(loading, check_mode=False)["changed"] is False


def test_a_service_that_leaves_the_node_is_taken_out_with_its_record(service: Service, loading: Loading) -> None:
    goes = replace(loading, withdrawn=[str(service.config)], without=["touch", str(service.folder / "went on")])
    run(loading)
    assert take_out(goes, check_mode=True)["changed"] is True and service.record.exists()
    assert take_out(goes, check_mode=False)["changed"] is True
    assert not service.config.exists() and not service.record.exists() and (service.folder / "went on").exists()
    assert take_out(goes, check_mode=False)["changed"] is False


def test_killed_anywhere_the_next_run_takes_it_out(
    service: Service, loading: Loading, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes = replace(loading, withdrawn=[str(service.config)], without=["true"])
    for count in range(100):
        service.settings("healthy")
        run(loading)
        if killed_after(count, lambda: take_out(goes, check_mode=False), monkeypatch):
            break
        take_out(goes, check_mode=False)
        assert not service.config.exists() and not service.record.exists()
    assert count > 1


def test_killed_anywhere_the_next_run_loads_what_is_there(
    service: Service, loading: Loading, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(loading)
    for count in range(100):
        service.settings(f"healthy {count}")
        if killed_after(count, lambda: run(loading), monkeypatch):
            break
        run(loading)
        assert f"healthy {count}" in service.loaded.read_text()
        assert run(loading) == NOTHING
    assert count > 3


def test_no_password_of_a_probe_is_in_a_result_or_a_representation(service: Service, loading: Loading) -> None:
    loading = replace(loading, probes=[{**loading.probes[0], "username": "peer", "password": "s3cret"}])
    run(loading)
    service.settings("broken")
    assert "s3cret" not in str(run(loading)) and "s3cret" not in repr(loading)


@pytest.mark.parametrize("kind", ["missing", "fifo", "link", "link to a link", "folder"])
def test_a_log_that_is_no_file_is_no_log(kind: str, tmp_path: Path) -> None:
    log = tmp_path / "Orthanc.log"
    if kind == "fifo":
        os.mkfifo(log)
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "shadow").write_text("s3cret")
        log.symlink_to(tmp_path / "elsewhere" / "shadow")
    if kind == "link to a link":
        (tmp_path / "shadow").write_text("s3cret")
        (tmp_path / "between").symlink_to("shadow")
        log.symlink_to("between")
    if kind == "folder":
        log.mkdir()
    assert log_tail.end_of(str(log)) == ""


def test_a_log_is_read_that_is_a_link_to_a_file_beside_it_as_orthancs_is(tmp_path: Path) -> None:
    (tmp_path / "Orthanc.log.20261127-100000.12").write_text("E1127 why")
    (tmp_path / "Orthanc.log").symlink_to("Orthanc.log.20261127-100000.12")
    assert log_tail.end_of(str(tmp_path / "Orthanc.log")) == "E1127 why"


def test_of_a_long_log_the_last_lines_are_read(tmp_path: Path) -> None:
    log = tmp_path / "Orthanc.log"
    log.write_text("\n".join(f"line {number}" for number in range(100_000)))
    assert log_tail.end_of(str(log)).splitlines() == [f"line {number}" for number in range(99_985, 100_000)]


def test_a_command_that_is_not_there_is_named(service: Service, loading: Loading) -> None:
    answer = run(replace(loading, test=["no-such-program", "-t"]))
    assert "there is no program no-such-program on this node" in answer["msg"]


def test_killed_is_no_error_of_a_service() -> None:
    assert not issubclass(Killed, OrthancTlsError)
