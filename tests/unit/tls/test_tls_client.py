# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one probe sees of real servers, said in plain words."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest
from made_certificates import Made, encrypted_pem, made
from tls_servers import (
    SYSTEM,
    answering,
    ca,
    closed_port,
    combined,
    http,
    node,
    orthanc,
    request_of,
    resetting,
    server_context,
    serving,
)

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import client as tls_client
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls import context as tls_context
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import Request, Target
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import TlsSettings, client_context, speaks
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.observations import Kind, Observation

TIMEOUT = 3.0
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def settings(**changes: object) -> TlsSettings:
    given: dict[str, object] = {
        "minimum": "1.2",
        "maximum": "1.3",
        "ca_certificates": ca().cert_pem.decode(),
        "certificate": combined(node()),
    }
    return TlsSettings(**{**given, **changes})  # type: ignore[arg-type]


def seen(
    port: int, tls: TlsSettings | None, host: str = "node.example", address: str = "127.0.0.1", timeout: float = TIMEOUT
) -> Observation:
    context = client_context(tls) if tls else None
    return tls_client.observe(Target(host, port, address), context, Request("GET", "/system", {}), timeout)


@pytest.mark.parametrize(("version", "name"), [(V12, "TLSv1.2"), (V13, "TLSv1.3")])
def test_an_answer_shows_status_version_fingerprint_and_json(version: ssl.TLSVersion, name: str) -> None:
    context = server_context(client_ca=ca(), minimum=version, maximum=version)
    with serving(answering(context=context)) as port:
        answer = seen(port, settings())
    assert (answer.kind, answer.status, answer.tls_version) == (Kind.ANSWERED, 200, name)
    assert answer.json == {"Name": "archive", "Version": "1.12.7"}
    assert answer.fingerprint_sha256 is not None and len(answer.fingerprint_sha256) == 64


@pytest.mark.parametrize("version", [V12, V13], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize(
    ("changes", "alerts"),
    [
        ({"certificate": None}, {"handshake_failure", "certificate_required"}),
        ({"certificate": None, "stranger": True}, {"unknown_ca"}),
        ({"certificate": combined(node(days=(-9, -2)))}, {"certificate_expired"}),
        ({"certificate": combined(made("node.example"))}, {"unknown_ca"}),
    ],
    ids=["none", "forged", "expired", "self-signed"],
)
def test_a_wrong_client_certificate_gets_the_server_s_alert_and_the_right_one_an_answer(
    version: ssl.TLSVersion, changes: dict[str, object], alerts: set[str]
) -> None:
    context = server_context(client_ca=ca(), minimum=version, maximum=version)
    with serving(orthanc(context)) as port:
        assert seen(port, settings()).status == 200
        refusal = seen(port, settings(**changes))
    assert refusal.kind is Kind.ALERT
    assert refusal.alert in alerts
    assert refusal.text.startswith(f"TLS alert {refusal.alert} (")


def test_a_tls13_alert_is_never_lost_to_the_reset_that_follows() -> None:
    context = server_context(client_ca=ca(), minimum=V13)
    with serving(orthanc(context)) as port:
        kinds = {seen(port, settings(certificate=None)).alert for _time in range(50)}
    assert kinds == {"certificate_required"}


def test_a_slow_tls13_verdict_is_still_an_alert() -> None:
    context = server_context(client_ca=ca(), minimum=V13)

    def behave(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        refused = False
        while not refused:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            except ssl.SSLError:
                refused = True
        time.sleep(0.4)
        connection.sendall(outgoing.read())

    with serving(behave) as port:
        assert seen(port, settings(certificate=None)).alert == "certificate_required"


def test_plain_http_to_an_https_port_ends_without_an_answer_and_https_is_answered() -> None:
    with serving(orthanc(server_context())) as port:
        assert seen(port, settings()).status == 200
        refusal = seen(port, None)
    assert (refusal.kind, refusal.text) == (Kind.UNANSWERED, "connection closed without an answer")


def test_tls_alert_bytes_are_no_answer_to_plain_http() -> None:
    def behave(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")

    with serving(behave) as port:
        assert seen(port, None).text == "no HTTP answer, but bytes of a TLS alert"


def test_plain_http_is_answered_by_a_plain_port_and_https_is_not() -> None:
    with serving(answering()) as port:
        assert seen(port, None).status == 200
        wrong = seen(port, settings())
    assert (wrong.kind, wrong.text) == (Kind.FAILED, "the port does not speak TLS")


@pytest.mark.parametrize("tls", [None, settings()], ids=["plain", "TLS"])
def test_a_reset_and_a_silent_end_are_no_answer(tls: TlsSettings | None) -> None:
    with serving(resetting) as port:
        reset = seen(port, tls)
    with serving(lambda connection: None) as port:
        closed = seen(port, tls)
    assert reset.kind is closed.kind is Kind.UNANSWERED
    assert reset.text.startswith("connection reset ")
    assert closed.text.startswith("connection ")


def test_a_closed_port_is_named_and_proves_nothing() -> None:
    port = closed_port()
    refused = seen(port, settings())
    assert (refused.kind, refused.text) == (Kind.UNREACHED, f"connection refused: nothing listens on 127.0.0.1:{port}")


def test_a_name_that_does_not_resolve_is_named_and_proves_nothing() -> None:
    unknown = seen(443, settings(), address="no-such-host.invalid")
    assert (unknown.kind, unknown.text) == (Kind.FAILED, "the name in no-such-host.invalid:443 cannot be resolved")


def test_a_silent_server_times_out_and_proves_nothing() -> None:
    with serving(lambda connection: time.sleep(2)) as port:
        handshake, answer = seen(port, settings(), timeout=0.2), seen(port, None, timeout=0.2)
    assert handshake.kind is answer.kind is Kind.FAILED
    assert handshake.text == f"no answer from 127.0.0.1:{port} within 0.2 s in the TLS handshake"
    assert answer.text == f"no answer from 127.0.0.1:{port} within 0.2 s after the connection was made"


def test_a_server_that_drips_does_not_stretch_the_timeout() -> None:
    def drip(connection: socket.socket) -> None:
        for _time in range(40):
            connection.sendall(b"H")
            time.sleep(0.05)

    with serving(drip) as port:
        start = time.monotonic()
        assert seen(port, None, timeout=0.3).kind is Kind.FAILED
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    ("identity", "host", "text"),
    [
        (made("node.example", names=["DNS:node.example"]), "node.example", "not trusted (self-signed)"),
        (
            made("node.example", made("Another CA", ca=True), names=["DNS:node.example"]),
            "node.example",
            "not trusted (its CA is not among the trusted ones)",
        ),
        (node(days=(-9, -2)), "node.example", "has expired"),
        (node(days=(2, 9)), "node.example", "is not valid yet"),
        (node(), "other.example", "is for another host name"),
        (node(), "127.0.0.2", "is for another address"),
    ],
    ids=["self-signed", "another CA", "expired", "not yet valid", "other name", "other address"],
)
def test_a_server_certificate_that_does_not_verify_is_named_and_proves_nothing(
    identity: Made,
    host: str,
    text: str,
) -> None:
    with serving(answering(context=server_context())) as port:
        assert seen(port, settings()).status == 200
    with serving(answering(context=server_context(identity))) as port:
        wrong = seen(port, settings(), host=host)
    assert wrong.kind is Kind.FAILED
    assert wrong.text.startswith("the server's certificate")
    assert wrong.text.endswith(text)


def test_another_name_is_fine_where_names_are_not_checked() -> None:
    with serving(answering(context=server_context())) as port:
        assert seen(port, settings(), host="other.example").kind is Kind.FAILED
        assert seen(port, settings(check_hostname=False), host="other.example").status == 200


@pytest.mark.parametrize(("address", "host"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::1", "node.example")])
def test_addresses_are_verified_like_names(address: str, host: str) -> None:
    with serving(answering(context=server_context()), address) as port:
        assert seen(port, settings(), host=host, address=address).status == 200


def test_a_server_of_tls13_only_refuses_tls12() -> None:
    with serving(answering(context=server_context(minimum=V13))) as port:
        assert seen(port, settings()).status == 200
        refusal = seen(port, settings(maximum="1.2"))
    assert refusal.text == "TLS alert protocol_version (the server refuses this TLS version)"


def test_a_server_of_tls12_only_refuses_tls13() -> None:
    with serving(answering(context=server_context(maximum=V12))) as port:
        assert seen(port, settings()).status == 200
        assert seen(port, settings(minimum="1.3")).alert == "protocol_version"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_old_tls_is_spoken_to_who_speaks_it_and_refused_by_who_does_not(version: str) -> None:
    if not speaks(version):
        pytest.skip(f"this OpenSSL has no TLS {version}")
    old = server_context(
        minimum=tls_context.VERSIONS[version], maximum=tls_context.VERSIONS[version], ciphers="DEFAULT:@SECLEVEL=0"
    )
    tls = settings(minimum=version, maximum=version)
    with serving(answering(context=old)) as port:
        answer = seen(port, tls)
    assert (answer.status, answer.tls_version) == (200, {"1.0": "TLSv1", "1.1": "TLSv1.1"}[version])
    with serving(answering(context=server_context())) as port:
        assert seen(port, tls).alert == "protocol_version"


def test_a_client_that_cannot_speak_old_tls_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_context, "_OLD_CIPHERS", "DEFAULT:@SECLEVEL=2")
    speaks.cache_clear()
    assert not speaks("1.0")
    speaks.cache_clear()


def test_a_certificate_from_a_file_is_presented_like_one_from_text(tmp_path: Path) -> None:
    file = tmp_path / "client.pem"
    file.write_text(combined(node()))
    with serving(answering(context=server_context(client_ca=ca()))) as port:
        assert seen(port, settings(certificate=str(file))).status == 200
        assert seen(port, settings(certificate=None)).kind is Kind.ALERT


def test_a_key_given_as_text_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client_context(settings())
    assert list(tmp_path.iterdir()) == []


def test_without_memory_files_the_key_s_file_is_private_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    present = tls_context._present_file

    def look(context: ssl.SSLContext, path: str, name: str) -> None:
        modes.append(Path(path).stat().st_mode & 0o777)
        present(context, path, name)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delattr("os.memfd_create")
    monkeypatch.setattr(tls_context, "_present_file", look)
    client_context(settings())
    assert modes == [0o600]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"certificate": "/nowhere/client.pem"}, "certificate: client.pem in /nowhere cannot be used (No such file"),
        ({"certificate": node().cert_pem.decode()}, "certificate: the PEM text cannot be used (not the expected PEM)"),
        (
            {"certificate": (made("a").key_pem + node().cert_pem).decode()},
            "certificate: the PEM text cannot be used (the key does not belong to the first certificate)",
        ),
        ({"ca_certificates": "/nowhere/ca.pem"}, "ca_certificates: /nowhere/ca.pem cannot be used (No such file"),
        ({"ca_certificates": "-----BEGIN nothing"}, "ca_certificates: the PEM text cannot be used (not the expected"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_an_error_and_its_text_is_not_shown(
    changes: dict[str, object], text: str
) -> None:
    with pytest.raises(OrthancTlsError) as error:
        client_context(settings(**changes))
    assert str(error.value).startswith(text)
    assert "BEGIN" not in str(error.value)


def test_an_encrypted_key_is_an_error_and_nobody_is_asked_for_its_passphrase() -> None:
    encrypted = encrypted_pem(node().key, "secret") + node().cert_pem
    with pytest.raises(OrthancTlsError, match="the key of the PEM text is encrypted"):
        client_context(settings(certificate=encrypted.decode()))


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (http("500 Error", b'{"Message": "Error", "Details": "libCURL  error"}'), "libCURL error"),
        (http("404 Not Found", b'{"Message": "Unknown resource"}'), "Unknown resource"),
        (http("400 Bad", b"<title>The SSL\ncertificate error</title>", "text/html"), "The SSL certificate error"),
        (http("200 OK", b"[1, 2]"), None),
        (http("200 OK", b"{broken"), None),
        (http("200 OK", SYSTEM[:5], "text/plain"), None),
    ],
)
def test_an_answer_tells_what_it_says_about_itself(answer: bytes, detail: str | None) -> None:
    with serving(answering(answer)) as port:
        assert seen(port, None).detail == detail


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (http("200 OK", SYSTEM)[:-3], "the HTTP answer broke off"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"),
    ],
)
def test_half_an_answer_and_another_protocol_are_no_answers(answer: bytes, text: str) -> None:
    with serving(answering(answer)) as port:
        broken = seen(port, None)
    assert (broken.kind, broken.text) == (Kind.FAILED, text)


def test_the_request_is_sent_as_written() -> None:
    requests: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        requests.append(request_of(connection))
        connection.sendall(http("200 OK"))

    request = Request("POST", "/a/b?c=d", {"X-Thing": "1"}, b"")
    with serving(behave) as port:
        tls_client.observe(Target("node.example", port, "127.0.0.1"), None, request, TIMEOUT)
    lines = requests[0].decode().split("\r\n")
    assert lines[0] == "POST /a/b?c=d HTTP/1.1"
    assert {f"Host: node.example:{port}", "X-Thing: 1", "Connection: close", "Content-Length: 0"} <= set(lines)
