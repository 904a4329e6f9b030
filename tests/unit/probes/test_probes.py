# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as expected: a refusal only when the server itself refuses, and only beside an answer."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_certificates import made
from tls_servers import (
    Behaviour,
    answering,
    ca,
    closed_port,
    combined,
    http,
    nginx,
    node,
    orthanc,
    request_of,
    resetting,
    server_context,
    serving,
)

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes import options as probe_options
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes import run as probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.outcome import outcome
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.run import Result, expected
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.table import failure_report, full_table

Option = dict[str, Any]

TIMEOUT = 3.0


def answered(port: int, **changes: Any) -> Option:
    return {
        "name": "right",
        "url": f"https://node.example:{port}/system",
        "connect_to": "127.0.0.1",
        "certificate": combined(node()),
        "ca_certificates": ca().cert_pem.decode(),
        **changes,
    }


def refused(port: int, **changes: Any) -> Option:
    option = {**answered(port), "name": "wrong", "expect": "refused", "control": "right", **changes}
    return {name: value for name, value in option.items() if value is not None}


def plain(port: int, **changes: Any) -> Option:
    url = f"http://node.example:{port}/"
    return refused(port, url=url, certificate=None, ca_certificates=None, name="plain HTTP", **changes)


def run(*options: Option, **times: Any) -> list[Result]:
    return probes.run(read_probes(options), **{"timeout": TIMEOUT, **times})


def mutual() -> ssl.SSLContext:
    return server_context(client_ca=ca())


def everything(port: int) -> list[Option]:
    return [
        answered(port),
        refused(port, name="none", certificate=None),
        refused(port, name="forged", certificate=None, forge="unknown_ca", alerts=["unknown_ca"]),
        refused(port, name="expired", certificate=combined(node(days=(-9, -2))), alerts=["certificate_expired"]),
        plain(port),
        refused(port, name="TLS 1.0", tls_maximum="1.0"),
        refused(port, name="TLS 1.1", tls_maximum="1.1", alerts=["protocol_version"]),
    ]


def test_a_node_that_refuses_everything_but_the_right_certificate_is_as_expected() -> None:
    with serving(orthanc(mutual())) as port:
        results = run(*everything(port))
    assert [result.probe.name for result in results if not result.ok] == []
    assert [result.probe.name for result in results] == [option["name"] for option in everything(port)]


def test_a_node_that_lets_everyone_in_is_not() -> None:
    with serving(orthanc(server_context())) as port:
        results = {result.probe.name: result for result in run(*everything(port))}
    assert [name for name, result in results.items() if result.ok] == ["right", "plain HTTP", "TLS 1.0", "TLS 1.1"]
    assert {results[name].seen for name in ("none", "forged", "expired")} == {"HTTP 200"}


@pytest.mark.parametrize("dead", [None, resetting, lambda connection: time.sleep(1)], ids=["closed", "reset", "silent"])
def test_a_dead_node_refuses_nothing(dead: Behaviour | None) -> None:
    if dead is None:
        results = run(*everything(closed_port()))
    else:
        with serving(dead) as port:
            results = run(*everything(port), timeout=0.3)
    assert not any(result.ok for result in results)


def no_access(port: int, **changes: Any) -> list[Option]:
    """A port that is for 127.0.0.1 alone, tried at 127.0.0.2."""
    url = f"http://node.example:{port}/system"
    itself = {"name": "itself", "url": url, "connect_to": "127.0.0.1"}
    outside = {"name": "outside", "url": url, "connect_to": "127.0.0.2", "expect": "no_access", "control": "itself"}
    return [itself, {**outside, "status": [401, 403], **changes}]


@pytest.mark.parametrize(
    ("answer", "ok"),
    [(b"401 Unauthorized", True), (b"403 Forbidden", True), (b"200 OK", False), (b"404 Not Found", False)],
)
def test_nobody_is_let_in_only_where_the_answer_says_so(answer: bytes, ok: bool) -> None:
    def behave(connection: socket.socket) -> None:
        outside = connection.getsockname()[0] == "127.0.0.2"
        request_of(connection)
        connection.sendall(http(answer.decode() if outside else "200 OK"))

    with serving(behave, "0.0.0.0") as port:
        itself, outside = run(*no_access(port))
    assert (itself.ok, outside.ok) == (True, ok)
    assert expected(outside.probe) == "no access: no connection or HTTP 401 or HTTP 403"


def test_nobody_is_let_in_where_no_connection_is_made_and_the_control_is_answered() -> None:
    with serving(answering()) as port:
        _itself, outside = run(*no_access(port))
    assert (outside.ok, outside.seen) == (True, f"connection refused: nothing listens on 127.0.0.2:{port}")


def test_a_dead_node_has_not_shut_anybody_out() -> None:
    _itself, outside = run(*no_access(closed_port()))
    assert not outside.ok
    assert outside.seen.endswith("its control 'itself' failed: proves nothing")


def test_a_connection_that_hangs_has_not_shut_anybody_out() -> None:
    def behave(connection: socket.socket) -> None:
        if connection.getsockname()[0] == "127.0.0.2":
            time.sleep(1)
        else:
            answering()(connection)

    with serving(behave, "0.0.0.0") as port:
        assert [result.ok for result in run(*no_access(port), timeout=0.3)] == [True, False]


def test_a_name_that_does_not_resolve_has_not_shut_anybody_out() -> None:
    with serving(answering()) as port:
        assert [result.ok for result in run(*no_access(port, connect_to="no-such-host.invalid"))] == [True, False]


def test_each_of_the_host_s_own_addresses_is_tried_in_a_row_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_options, "own_addresses", lambda: ["127.0.0.2", "127.0.0.3"])
    with serving(answering(), "127.0.0.3") as port, serving(answering()) as here:
        itself = {"name": "itself", "url": f"http://node.example:{here}/system", "connect_to": "127.0.0.1"}
        outside = no_access(port, own_addresses=True, connect_to=None)[1]
        results = run(itself, outside)
    assert [(result.probe.name, result.ok) for result in results] == [
        ("itself", True),
        ("outside at 127.0.0.2", True),
        ("outside at 127.0.0.3", False),
    ]


def test_a_host_without_an_address_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_options, "own_addresses", list)
    with serving(answering()) as port:
        outside = run(*no_access(port, own_addresses=True, connect_to=None))[1]
    assert (outside.probe.name, outside.ok) == ("outside", False)
    assert outside.seen == "this host has no address but the loopback's: proves nothing"


def test_a_name_that_does_not_resolve_refuses_nothing() -> None:
    gone = {"connect_to": "no-such-host.invalid"}
    assert not any(result.ok for result in run(answered(443, **gone), refused(443, certificate=None, **gone)))


def test_a_node_that_dies_of_the_refused_probe_has_refused_nothing() -> None:
    dead = threading.Event()
    alive = orthanc(mutual())

    def behave(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) != b"\x16":
            dead.set()
        if dead.is_set():
            resetting(connection)
        else:
            alive(connection)

    with serving(behave) as port:
        right, wrong = run(answered(port), plain(port))
    assert not right.ok
    assert wrong.seen == "connection reset without an answer; but its control 'right' failed: proves nothing"


def test_a_server_that_this_client_does_not_trust_has_refused_nothing() -> None:
    stranger = {"ca_certificates": made("Another CA", ca=True).cert_pem.decode()}
    with serving(orthanc(mutual())) as port:
        right, trusting, distrusting = run(
            answered(port),
            refused(port, certificate=None),
            refused(port, name="distrusting", certificate=None, **stranger),
        )
    assert right.ok and trusting.ok
    assert distrusting.seen == "the server's certificate is not trusted (its CA is not among the trusted ones)"
    assert not distrusting.ok


def test_a_client_that_cannot_speak_old_tls_proves_nothing_and_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(orthanc(mutual())) as port:
        old = (answered(port), refused(port, tls_maximum="1.0"))
        assert all(result.ok for result in run(*old))
        monkeypatch.setattr(probe_options, "speaks", lambda version: False)
        right, wrong = run(*old, retries=3, sleep=pytest.fail)
    assert right.ok and not wrong.ok
    assert wrong.seen == "this client cannot speak TLS 1.0: proves nothing"


def test_a_certificate_that_was_not_sent_was_not_refused() -> None:
    with serving(orthanc(mutual())) as port:
        right, none = run(answered(port), refused(port, certificate=None))
        # As when the server takes no signature that the client's key can make: an empty certificate is sent.
        ready = read_probes([answered(port), refused(port, certificate=None, forge="unknown_ca")])
        empty = read_probes([answered(port, certificate=None)])[0].context
        _right, forged = probes.run([ready[0], replace(ready[1], context=empty)], timeout=TIMEOUT)
    assert right.ok and none.ok and not forged.ok
    assert forged.seen.endswith("although one was presented: proves nothing")


def test_nginx_refuses_with_http_400_and_only_where_that_is_expected() -> None:
    with serving(nginx(server_context(client_ca=ca(), optional=True))) as port:
        results = run(
            answered(port),
            refused(port, name="none", certificate=None, status=[400]),
            plain(port, status=[400]),
            refused(port, name="by alert", certificate=None),
        )
    assert [result.ok for result in results] == [True, True, True, False]
    assert results[1].seen == "HTTP 400 (400 No required SSL certificate was sent)"
    assert results[3].seen == results[1].seen


def test_an_alert_is_no_refusal_where_a_status_is_expected() -> None:
    with serving(orthanc(mutual())) as port:
        results = run(
            answered(port),
            refused(port, certificate=None, status=[400]),
            refused(port, name="either", certificate=None, status=[400], alerts=["certificate_required"]),
            refused(port, name="another alert", certificate=None, alerts=["unknown_ca"]),
        )
    assert [result.ok for result in results] == [True, False, True, False]


def test_a_password_is_sent_and_its_lack_is_seen() -> None:
    def behave(connection: socket.socket) -> None:
        known = b"Authorization: Basic b3J0aGFuYzpwYXNz" in request_of(connection)
        connection.sendall(http("200 OK") if known else http("401 Unauthorized"))

    with serving(behave) as port:
        url = f"http://127.0.0.1:{port}/"
        login = {"name": "login", "url": url, "username": "orthanc", "password": "pass"}
        results = run(login, {"name": "none", "url": url, "expect": "refused", "status": [401], "control": "login"})
    assert [result.ok for result in results] == [True, True]


@pytest.mark.parametrize(("status", "ok"), [([], True), ([200], True), ([204, 200], True), ([401], False)])
def test_an_answer_must_have_an_expected_status(status: list[int], ok: bool) -> None:
    with serving(answering()) as port:
        (result,) = run({"name": "x", "url": f"http://127.0.0.1:{port}/", "status": status})
    assert result.ok is ok


def test_an_error_of_the_server_is_no_answer_and_says_why() -> None:
    with serving(answering(http("500 Error", b'{"Details": "libCURL error"}'))) as port:
        (result,) = run({"name": "x", "url": f"http://127.0.0.1:{port}/"})
    assert (result.ok, result.seen) == (False, "HTTP 500 (libCURL error)")


def test_the_served_certificate_must_be_the_expected_one() -> None:
    with serving(answering(context=server_context())) as port:
        (first,) = run(answered(port))
        served = first.observation.fingerprint_sha256 or ""
        colons = ":".join(served[i : i + 2] for i in range(0, 64, 2)).upper()
        right, wrong = run(
            answered(port, fingerprint_sha256=colons), answered(port, name="other", fingerprint_sha256="0" * 64)
        )
    assert right.ok and not wrong.ok
    assert wrong.seen == f"HTTP 200, but by certificate {served[:16]}…"


def test_retries_wait_until_the_node_is_up_and_repeat_a_refusal_with_its_control() -> None:
    waits: list[float] = []
    up = threading.Event()
    alive = orthanc(mutual())

    def wait(delay: float) -> None:
        waits.append(delay)
        up.set()

    with serving(lambda connection: alive(connection) if up.is_set() else resetting(connection)) as port:
        results = run(answered(port), plain(port), retries=5, delay=0.7, sleep=wait)
    assert all(result.ok for result in results)
    assert waits == [0.7]


def test_retries_end() -> None:
    waits: list[float] = []
    (result,) = run(answered(closed_port()), retries=3, delay=0.1, sleep=waits.append)
    assert not result.ok
    assert waits == [0.1] * 3


def test_what_was_as_expected_is_not_asked_again() -> None:
    asked: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        asked.append(request_of(connection))
        connection.sendall(http("200 OK"))

    with serving(behave) as port:
        url = f"http://127.0.0.1:{port}"
        run(
            {"name": "a", "url": f"{url}/a"},
            {"name": "b", "url": f"{url}/b", "status": [404]},
            retries=2,
            sleep=lambda delay: None,
        )
    paths = sorted(request.split()[1] for request in asked)
    assert paths == [b"/a", b"/b", b"/b", b"/b"]


def test_probes_run_side_by_side() -> None:
    def slow(connection: socket.socket) -> None:
        time.sleep(0.3)
        answering()(connection)

    with serving(slow) as port:
        start = time.monotonic()
        results = run(*({"name": str(i), "url": f"http://127.0.0.1:{port}/"} for i in range(8)))
    assert all(result.ok for result in results)
    assert time.monotonic() - start < 1.5


def test_json_is_returned_only_on_request() -> None:
    with serving(answering()) as port:
        url = f"http://127.0.0.1:{port}/"
        with_json, without = run({"name": "a", "url": url, "return_json": True}, {"name": "b", "url": url})
    assert with_json.as_dict()["json"] == {"Name": "archive", "Version": "1.12.7"}
    assert "json" not in without.as_dict()


def test_the_failure_s_table_shows_what_failed_aligned_and_then_a_count() -> None:
    with serving(orthanc(server_context())) as port:
        results = run(answered(port), refused(port, certificate=None), plain(port))
    assert failure_report(results) == (
        "probe  expected  seen\nwrong  refused   HTTP 200\n\n1 of 3 probes not as expected."
    )
    assert full_table(results) == (
        "    probe       expected            seen\n"
        "ok  right       answered: HTTP 2xx  HTTP 200\n"
        "NO  wrong       refused             HTTP 200\n"
        "ok  plain HTTP  refused             connection closed without an answer"
    )


def test_what_is_not_required_is_shown_and_fails_nothing() -> None:
    with serving(answering(http("500 Error"))) as port:
        silent = {"name": "partner", "url": f"http://127.0.0.1:{port}/", "required": False}
        seen = outcome({"probes": [silent], "timeout": TIMEOUT, "retries": 0, "delay": 1.0})
        failed = outcome({"probes": [{**silent, "required": True}], "timeout": TIMEOUT, "retries": 0, "delay": 1.0})
    assert (seen["results"][0]["ok"], seen["results"][0]["seen"], seen.get("failed")) == (False, "HTTP 500", None)
    assert "--  partner" in seen["table"]
    assert failed["failed"] and "NO  partner" in failed["table"]


def test_a_failure_s_table_leaves_out_what_is_not_required() -> None:
    gone = {"url": f"http://127.0.0.1:{closed_port()}/"}
    results = run({"name": "partner", "required": False, **gone}, {"name": "itself", **gone})
    assert [result.fails for result in results] == [False, True]
    assert "partner" not in failure_report(results)
    assert "1 of 2 probes not as expected." in failure_report(results)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"url": "ftp://node/"}, "url: found 'ftp://node/'"),
        ({"url": "node:8042"}, "url: found 'node:8042'"),
        ({"url": "https://"}, "url: found 'https://'"),
        ({"url": "https://node:99999/"}, "url: 'https://node:99999/' cannot be read"),
        ({"url": "https://[::1/"}, "url: 'https://[::1/' cannot be read"),
        ({"url": "https://a..b/"}, "url: 'https://a..b/' cannot be read"),
        ({"url": "https://user:secret@node/"}, "url: it holds a user or a password"),
        ({"url": "https://node/a b"}, "url: 'https://node/a b' holds blanks"),
        ({"method": "GET /x"}, "method: 'GET /x' is no HTTP method"),
        ({"headers": {"X": "a\r\nY: b"}}, "headers: 'X' is no header"),
        ({"username": "a:b", "password": "c"}, "username: 'a:b' holds a colon"),
        ({"certificate": "client.pem"}, "certificate: expected an absolute path or PEM text"),
        ({"ca_certificates": "ca.pem"}, "ca_certificates: expected an absolute path or PEM text"),
        ({"tls_minimum": "1.3", "tls_maximum": "1.2"}, "tls_minimum: found 1.3, which is above tls_maximum 1.2"),
        ({"status": [99]}, "status: 99 is no final HTTP status"),
        ({"alerts": ["unknown_ca"]}, "alerts: means nothing where an answer is expected"),
        ({"fingerprint_sha256": "abc"}, "fingerprint_sha256: found 'abc', expected 64"),
        ({"url": "http://node/", "forge": "unknown_ca"}, "certificate: means nothing for an http:// URL"),
        ({"own_addresses": True}, "own_addresses: cannot go with connect_to"),
    ],
)
def test_a_wrong_option_is_an_error_that_names_probe_and_option(changes: Option, text: str) -> None:
    assert read_probes([answered(8042)])
    with pytest.raises(OrthancTlsError) as error:
        read_probes([answered(8042, **changes)])
    assert str(error.value).startswith(f"Probe 'right': {text}")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "probes: the list is empty"),
        ([answered(1), answered(2)], "probes: two are named 'right'"),
        ([refused(1)], "Probe 'wrong': a refusal counts only beside an answer; found control 'right'"),
        ([answered(1), refused(1, control=None)], "Probe 'wrong': a refusal counts only beside an answer"),
        ([answered(1), refused(1, control="wrong")], "Probe 'wrong': a refusal counts only beside an answer"),
        ([answered(1), refused(2)], "Probe 'wrong': its control 'right' asks node.example at 127.0.0.1:1"),
        ([answered(1), refused(1, connect_to="::1")], "Probe 'wrong': its control 'right' asks node.example at"),
        ([answered(1, control="right")], "Probe 'right': control is for probes that expect 'refused'"),
        ([answered(1), refused(1, fingerprint_sha256="0" * 64)], "Probe 'wrong': fingerprint_sha256: means nothing"),
    ],
)
def test_probes_that_do_not_go_together_are_an_error(options: list[Option], text: str) -> None:
    assert read_probes([answered(1), refused(1)])
    with pytest.raises(OrthancTlsError) as error:
        read_probes(options)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize("times", [{"timeout": 0}, {"retries": -1}, {"delay": -0.5}])
def test_times_that_make_no_sense_are_an_error(times: Option) -> None:
    with pytest.raises(OrthancTlsError, match=f"{next(iter(times))}: found"):
        run(answered(1), **times)


_ANY_URL = st.text(max_size=40) | st.builds(
    "{}://{}/{}".format, st.sampled_from(["http", "https"]), st.text(max_size=20), st.text(max_size=20)
)


@given(_ANY_URL)
def test_any_url_is_taken_or_refused_with_an_error(url: str) -> None:
    try:
        (probe,) = read_probes([{"name": "x", "url": url}])
    except OrthancTlsError:
        return
    assert probe.target.host
    assert probe.request.path.startswith("/")
    assert probe.request.path.isascii()
