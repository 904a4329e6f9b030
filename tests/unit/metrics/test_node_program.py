# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node writes of its certificates: true, whole, taken by Prometheus, and without a look at any private key."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback_tls import tls_server
from made_certificates import NOW, hierarchy, made
from reported_fleet import report, star

from ansible_collections.openimaging.orthanc.plugins.module_utils.durations import utc_text
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics import node_program
from ansible_collections.openimaging.orthanc.plugins.module_utils.metrics.node_program import (
    MetricsAsked,
    MetricsFound,
    look,
    main,
    text_of,
    write,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.issuance import BACKDATED
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.report.metrics import metrics
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.seen import SeenCertificate
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.verification.validity import (
    SeenIdentityCertificates,
    ends_of,
)

HOSTILE = 'a"b\\c\nd} 1'
DAY = timedelta(days=1)
LABEL = re.compile(r'(\w+)="')


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_program, "_AGAIN", (0, 0))


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """The folder of an identity as a node has it."""
    root, intermediate, leaf = hierarchy()
    live = tmp_path / "tls" / "generations" / "g1"
    live.mkdir(parents=True)
    (live / "key.pem").write_bytes(leaf.key_pem)
    (live / "cert.pem").write_bytes(leaf.cert_pem)
    (live / "chain.pem").write_bytes(intermediate.cert_pem)
    (live / "server.pem").write_bytes(leaf.key_pem + leaf.cert_pem + intermediate.cert_pem)
    for name in ("client-trust.pem", "server-trust.pem"):
        (live / name).write_bytes(root.cert_pem)
    (tmp_path / "tls" / "current").symlink_to("generations/g1")
    return tmp_path / "tls"


@pytest.fixture
def port(identity: Path) -> Iterator[int]:
    """A server with mutual TLS that serves what the identity has."""
    with tls_server(identity / "current/server.pem", client_ca=identity / "current/client-trust.pem") as port:
        yield port


def arguments(identity: Path, port: int, **more: str) -> list[str]:
    said = {
        "node": "archive",
        "identity": str(identity),
        "port": str(port),
        "server-name": "localhost",
        "output": str(identity.parent / "node.prom"),
        "backdated": str(int(BACKDATED.total_seconds())),
        **more,
    }
    return [f"--{name.replace('_', '-')}={value}" for name, value in said.items()]


def lines_of(identity: Path) -> list[str]:
    text = (identity.parent / "node.prom").read_text()
    return [line.removeprefix("orthanc_tls_") for line in text.splitlines() if not line.startswith("#")]


def test_a_healthy_node_tells_when_all_of_it_ends_and_that_it_serves_what_it_has(identity: Path, port: int) -> None:
    root, intermediate, leaf = hierarchy()
    assert main(arguments(identity, port)) == 0
    ends = [f"{one.certificate.not_valid_after_utc.timestamp():.0f}" for one in (leaf, intermediate, root)]
    names = f'subject="CN=node",issuer="CN=Intermediate",serial="{leaf.certificate.serial_number:x}"'
    labels = f'{{node="archive",role="node",{names},path="{identity}/current/cert.pem"}}'
    due = leaf.certificate.not_valid_after_utc - (31 * DAY - BACKDATED) / 3
    found = lines_of(identity)
    assert found[0] == f"certificate_not_after_timestamp_seconds{labels} {ends[0]}"
    assert found[1] == f"certificate_renewal_timestamp_seconds{labels} {due.timestamp():.0f}"
    assert [line.rpartition(" ")[2] for line in found[2:4]] == ends[1:]
    assert found[4:] == ['served_certificate_matches{node="archive"} 1', 'generation_held{node="archive"} 0']


@pytest.mark.parametrize("served", [None, "another certificate"])
def test_another_certificate_and_no_answer_are_no_match(identity: Path, served: str | None, tmp_path: Path) -> None:
    other = made("other", names=["DNS:localhost"])
    pem = tmp_path / "other.pem"
    pem.write_bytes(other.key_pem + other.cert_pem)
    with tls_server(pem) as port:
        pass
    if served:
        with tls_server(pem) as port:
            main(arguments(identity, port))
    else:
        main(arguments(identity, port))
    assert 'served_certificate_matches{node="archive"} 0' in lines_of(identity)


def test_a_server_that_reloads_is_asked_again_before_it_is_told(
    identity: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = node_program._handshake, []

    def late(what: MetricsAsked) -> bytes | None:
        asked.append(what)
        return real(what) if len(asked) == 2 else None

    monkeypatch.setattr(node_program, "_handshake", late)
    main(arguments(identity, port))
    assert 'served_certificate_matches{node="archive"} 1' in lines_of(identity)


def test_a_held_node_says_so_and_has_no_renewal(identity: Path, port: int) -> None:
    (identity / "held").write_text("{}")
    main(arguments(identity, port))
    found = lines_of(identity)
    assert 'generation_held{node="archive"} 1' in found and not [line for line in found if "renewal" in line]


def test_a_certificate_of_another_issuer_is_told_as_it_is_served_and_its_file_with_the_key_is_not_read(
    identity: Path, tmp_path: Path
) -> None:
    public = made("public", names=["DNS:localhost"], days=(-1, 60))
    pem = tmp_path / "public.pem"
    pem.write_bytes(public.key_pem + public.cert_pem)
    with tls_server(pem) as port:
        main(arguments(identity, port, server_certificate="/nowhere/server.pem"))
    found = [line for line in lines_of(identity) if 'role="server"' in line]
    assert len(found) == 1 and 'subject="CN=public"' in found[0] and 'path="/nowhere/server.pem"' in found[0]
    assert not [line for line in lines_of(identity) if "matches" in line]


def test_no_private_key_is_opened(identity: Path, port: int) -> None:
    watched = (
        "import runpy, sys\n"
        "sys.addaudithook(lambda event, what: event == 'open' and sys.stderr.write(f'opened {what[0]}\\n'))\n"
        f"sys.argv = ['program', *{arguments(identity, port)!r}]\n"
        f"runpy.run_path({node_program.__file__!r}, run_name='__main__')\n"
    )
    run = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=False)
    opened = {
        Path(line).name for line in run.stderr.splitlines() if line.startswith("opened ") and str(identity) in line
    }
    assert (run.returncode, opened) == (0, {"cert.pem", "chain.pem", "client-trust.pem", "server-trust.pem"})


@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_what_cannot_be_read_fails_and_is_named_and_the_rest_is_written(
    identity: Path, port: int, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    leaf = identity / "current/cert.pem"
    leaf.unlink()
    if damage == "garbage":
        leaf.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert main(arguments(identity, port)) == 1
    assert str(leaf.resolve()) in capsys.readouterr().err
    assert {line.partition("{")[0] for line in lines_of(identity)} == {
        "ca_not_after_timestamp_seconds",
        "served_certificate_matches",
        "generation_held",
    }


@given(st.integers(0, 4000), st.integers(0, 4000), st.integers(0, 400))
def test_a_renewal_is_due_when_the_verification_says_so(age: int, left: int, before: int) -> None:
    leaf = made("node", key=hierarchy()[2].key, days=(-age, left))
    seen = SeenCertificate(
        *("CN=node", "CN=CA"),
        *(leaf.certificate.not_valid_before_utc, leaf.certificate.not_valid_after_utc),
        *("k", "f", "s", "a"),
    )
    window = timedelta(days=before) or None
    (end,) = ends_of("a", SeenIdentityCertificates([seen], [], [], held=False), window, NOW)
    asked = MetricsAsked("a", "", 0, "", "", before * 86400, int(BACKDATED.total_seconds()), "")
    assert utc_text(node_program._due(leaf.certificate, asked)) == end.due


def test_the_labels_are_those_of_the_metrics_of_the_fleet(identity: Path, port: int) -> None:
    main(arguments(identity, port))
    of_fleet = {line.partition("{")[0]: LABEL.findall(line) for line in metrics(report(star(1))).splitlines()}
    for line in (identity.parent / "node.prom").read_text().splitlines():
        name = line.partition("{")[0]
        if not line.startswith("#") and "ca_" not in name:
            assert LABEL.findall(line) == of_fleet[name]


@pytest.mark.parametrize("name", ["archive", HOSTILE])
def test_promtool_takes_what_is_written(identity: Path, port: int, name: str) -> None:
    main(arguments(identity, port, node=name))
    text = (identity.parent / "node.prom").read_text()
    run = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert len(text.splitlines()) == 16


def test_a_link_in_the_way_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, file = tmp_path / "victim", tmp_path / "node.prom"
    victim.write_text("untouched")
    file.symlink_to(victim)
    Path(f"{file}.new").symlink_to(victim)
    write(str(file), "text\n")
    assert (file.read_text(), file.is_symlink(), victim.read_text()) == ("text\n", False, "untouched")
    assert {one.name for one in tmp_path.iterdir()} == {"victim", "node.prom"}


def test_what_cannot_be_written_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "node.prom"
    file.write_text("old\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(str(file), "new\n")
    assert file.read_text() == "old\n"


def test_a_metric_without_samples_is_left_out() -> None:
    assert text_of(MetricsFound()) == ""


def test_two_bundles_tell_a_ca_once(identity: Path) -> None:
    asked = MetricsAsked("a", str(identity), 1, "localhost", "", 0, 0, "")
    serials = [labels["serial"] for labels, _end in look(asked).authorities]
    assert len(serials) == len(set(serials)) == 2
