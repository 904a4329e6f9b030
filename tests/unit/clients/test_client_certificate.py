# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""client_certificate: every reason, files that other programs accept, and secrets that stay secret."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import NOW, PASSPHRASE, brought, made_folder, order
from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from loopback_tls import tls_server
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.atomic import write_file
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.facts import certificate_facts
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.holders import holder_of
from ansible_collections.openimaging.orthanc.plugins.modules.client_certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.folder import AuthorityFolder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients import files as client_files
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients import pkcs12
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.enrolment import enrol
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.files import FILES

COMMON_NAME = "anna@example.org"
Result = dict[str, Any]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA with an intermediate, made once."""
    parent = tmp_path_factory.mktemp("prepared")
    made_folder(parent, order(intermediate=True))
    return parent / "ca"


@pytest.fixture
def ca(prepared: Path, tmp_path: Path) -> AuthorityFolder:
    shutil.copytree(prepared, tmp_path / "ca", symlinks=True)
    return AuthorityFolder(str(tmp_path / "ca"))


class Client:
    """One client's task, and its folder."""

    def __init__(self, ca: AuthorityFolder, path: Path) -> None:
        self.path = path
        self.options = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
        self.options |= {
            "path": str(path),
            "ca_path": ca.path,
            "ca_passphrase": PASSPHRASE,
            "common_name": COMMON_NAME,
            "pkcs12_passphrase": "pkcs12 secret",
        }

    def run(self, *, check_mode: bool = False, days: int = 0, **options: Any) -> Result:
        now = NOW + timedelta(days=days)
        return enrol({**self.options, **options}, check_mode=check_mode, now=now)

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.path.iterdir()}

    @property
    def leaf(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.path / "cert.pem").read_bytes())


@pytest.fixture
def client(ca: AuthorityFolder, tmp_path: Path) -> Client:
    return Client(ca, tmp_path / "clients" / "anna")


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_first_run_makes_a_closed_folder_with_every_file_and_the_second_changes_nothing(client: Client) -> None:
    first = client.run()
    before = client.files()
    second = client.run(ca_passphrase=None)
    assert (first["changed"], first["renewed"], first["reason"]) == (True, True, "missing")
    assert (second["changed"], second["renewed"], second["reason"]) == (False, False, None)
    assert client.files() == before
    assert set(before) == set(FILES)
    assert stat.S_IMODE(client.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in client.path.iterdir()} == {0o600}
    assert before["client.pem"] == before["key.pem"] + before["cert.pem"] + before["chain.pem"]
    assert before["fullchain.pem"] == before["cert.pem"] + before["chain.pem"]
    assert {key: first[key] for key in ("not_after", "fingerprint_sha256")} == {
        key: second[key] for key in ("not_after", "fingerprint_sha256")
    }


@pytest.mark.parametrize(
    ("common_name", "others", "names"),
    [
        (COMMON_NAME, [], ["email:anna@example.org"]),
        ("CT scanner 2", [], ["URI:urn:orthanc:client:CT%20scanner%202"]),
        ("Jürgen", ["DNS:PC7.example.org"], ["DNS:pc7.example.org", "URI:urn:orthanc:client:J%C3%BCrgen"]),
        ("x" * 65, [], ["URI:urn:orthanc:client:" + "x" * 65]),
        ("ж" * 32, [], ["URI:urn:orthanc:client:" + "%D0%B6" * 32]),
        ("ж" * 33, [], ["URI:urn:orthanc:client:" + "%D0%B6" * 33]),
    ],
)
def test_the_certificate_is_for_clients_only_and_always_has_alternative_names(
    client: Client, common_name: str, others: list[str], names: list[str]
) -> None:
    client.run(common_name=common_name, subject_alt_name=others)
    facts = certificate_facts(client.leaf, NOW)
    assert facts["names"] == names
    assert facts["extended_key_usage"] == ["clientAuth"]
    common = [f"CN={common_name}"] if len(common_name.encode()) <= 64 else []
    assert sorted(facts["subject"].split(",")) == sorted([*common, f"serialNumber={holder_of('client', common_name)}"])
    assert not client.run(common_name=common_name, subject_alt_name=others)["changed"]


def test_the_issued_certificate_is_recorded_with_the_ca(client: Client, ca: AuthorityFolder) -> None:
    client.run()
    assert (Path(ca.path) / "issued" / f"{client.leaf.serial_number:x}.pem").read_bytes() == client.files()["cert.pem"]


def cut_off(client: Client) -> None:
    (client.path / "client.pem").write_bytes(client.files()["client.pem"][:-100])


def foreign_key(client: Client) -> None:
    (client.path / "client.pem").write_bytes(made("x").key_pem + client.files()["fullchain.pem"])


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param({"days": 130}, "expiring", id="a third left"),
        pytest.param({"days": 181}, "expired", id="expired"),
        pytest.param({"common_name": "bob@example.org"}, "names_changed", id="other name"),
        pytest.param({"subject_alt_name": ["DNS:pc7.example.org"]}, "names_changed", id="one name more"),
        pytest.param({"key_type": "ed25519"}, "key_changed", id="other key type"),
        pytest.param({"force": True}, "forced", id="forced"),
        pytest.param({"lifetime": "300d", "renew_before": "200d"}, "expiring", id="wider window"),
    ],
)
def test_what_the_task_or_time_changes_renews_key_and_certificate(
    client: Client, options: dict[str, Any], reason: str
) -> None:
    client.run()
    before = client.files()
    promised = client.run(check_mode=True, **options)
    assert client.files() == before
    done = client.run(**options)
    assert (done["changed"], done["renewed"], done["reason"]) == (True, True, reason)
    assert (promised["changed"], promised["renewed"], promised["reason"]) == (True, True, reason)
    assert promised["fingerprint_sha256"] is None
    assert all(client.files()[name] != before[name] for name in ("client.pem", "key.pem", "cert.pem", "client.p12"))
    assert not client.run(**{**options, "force": False})["changed"]


@pytest.mark.parametrize("damage", [cut_off, foreign_key])
def test_a_damaged_client_pem_renews(client: Client, damage: Callable[[Client], None]) -> None:
    client.run()
    damage(client)
    result = client.run()
    assert (result["renewed"], result["reason"]) == (True, "damaged")
    assert "fault" in result["diff"]["before"]
    assert not client.run()["changed"]


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("client.pem", "ca.pem")])
@pytest.mark.parametrize("damage", ["gone", "wrong", "open", "stale"])
def test_any_other_damage_is_mended_from_client_pem(client: Client, name: str, damage: str) -> None:
    client.run()
    stale = client.files()[name]
    client.run(force=True)
    before, path = client.files(), client.path / name
    if damage == "gone":
        path.unlink()
    elif damage == "open":
        path.chmod(0o644)
    else:
        path.write_bytes(stale if damage == "stale" and name != "chain.pem" else b"wrong")
    result = client.run(ca_passphrase=None)
    unopened = name == "client.p12" and damage in ("gone", "wrong")
    assert (result["renewed"], result["reason"]) == (False, "passphrase_changed" if unopened else "damaged")
    after = client.files()
    assert {file: data for file, data in after.items() if file != "client.p12"} == {
        file: data for file, data in before.items() if file != "client.p12"
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not client.run()["changed"]


def test_an_open_folder_is_closed_again(client: Client) -> None:
    client.run()
    client.path.chmod(0o755)
    assert client.run()["reason"] == "damaged"
    assert stat.S_IMODE(client.path.stat().st_mode) == 0o700


def test_a_rollover_adds_the_new_root_then_renews_and_a_retired_issuer_is_no_stranger(
    client: Client, ca: AuthorityFolder
) -> None:
    client.run()
    brought(ca, "staged", order(intermediate=True))
    staged = client.run(ca_passphrase=None)
    assert (staged["renewed"], staged["reason"]) == (False, "trust_changed")
    assert client.files()["ca.pem"] == ca.trust_pem()
    brought(ca, "active")
    brought(ca, "retired")
    active = client.run()
    assert (active["renewed"], active["reason"]) == (True, "issuer_changed")
    assert not client.run()["changed"]


def test_a_certificate_of_another_ca_is_an_error_unless_it_is_forced(client: Client, tmp_path: Path) -> None:
    client.run()
    before = client.files()
    (tmp_path / "other").mkdir()
    other = made_folder(tmp_path / "other")
    for check_mode in (True, False):
        with pytest.raises(
            OrthancTlsError, match=r"was issued by .*CN=Test CA issuing, which the CA folder .*other/ca"
        ):
            client.run(ca_path=other.path, check_mode=check_mode)
    assert client.files() == before
    assert client.run(ca_path=other.path, force=True)["reason"] == "issuer_changed"
    assert not client.run(ca_path=other.path)["changed"]


SECRETS = [
    pytest.param(
        {"key_passphrase": "k1"}, {"key_passphrase": "k2"}, False, id="other key passphrase, opened by PKCS#12"
    ),
    pytest.param({"key_passphrase": "k1"}, {}, False, id="no key passphrase any more, opened by PKCS#12"),
    pytest.param({}, {"key_passphrase": "k1"}, False, id="a key passphrase"),
    pytest.param({}, {"pkcs12_passphrase": "other"}, False, id="other PKCS#12 passphrase"),
    pytest.param({}, {"pkcs12_passphrase": ""}, False, id="empty PKCS#12 passphrase"),
    pytest.param({"pkcs12_passphrase": ""}, {}, False, id="a PKCS#12 passphrase"),
    pytest.param({}, {"pkcs12_passphrase": None}, False, id="no PKCS#12 any more"),
    pytest.param({"pkcs12_passphrase": None}, {}, False, id="a PKCS#12"),
    pytest.param(
        {"key_passphrase": "k1", "pkcs12_passphrase": "p1"},
        {"key_passphrase": "k2", "pkcs12_passphrase": "p2"},
        True,
        id="both, so that nothing opens the key",
    ),
]


@pytest.mark.parametrize(("before", "after", "renewed"), SECRETS)
def test_a_changed_passphrase_rewrites_and_keeps_the_key_where_one_opens_it(
    client: Client, before: dict[str, Any], after: dict[str, Any], renewed: bool
) -> None:
    client.run(**before)
    leaf = client.leaf
    assert client.run(check_mode=True, **after)["reason"] == "passphrase_changed"
    result = client.run(**after)
    assert (result["renewed"], result["reason"]) == (renewed, "passphrase_changed")
    assert (client.leaf != leaf) == renewed
    assert not client.run(**after)["changed"]
    assert (b"ENCRYPTED PRIVATE KEY" in client.files()["client.pem"]) == ("key_passphrase" in after)
    assert ("client.p12" in client.files()) == (after.get("pkcs12_passphrase", "") is not None)


def test_check_mode_on_an_empty_disk_promises_and_writes_nothing(client: Client, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    promised = client.run(check_mode=True)
    assert (promised["changed"], promised["reason"], promised["not_after"]) == (True, "missing", None)
    assert promised["diff"]["after"]["not_after"] is not None
    without_ca = client.run(check_mode=True, ca_path=str(tmp_path / "later"), ca_passphrase=None)
    assert (without_ca["changed"], without_ca["reason"]) == (True, "missing")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"ca_passphrase": None}, "no passphrase was given", id="no passphrase"),
        pytest.param({"ca_passphrase": "wrong"}, "passphrase", id="wrong passphrase"),
        pytest.param({"path": "anna"}, "path is 'anna', which is relative", id="relative path"),
        pytest.param({"ca_path": "ca"}, "'ca' is relative", id="relative CA"),
        pytest.param({"lifetime": "long"}, "lifetime is 'long'", id="lifetime"),
        pytest.param({"common_name": " "}, "common_name is empty", id="no name"),
        pytest.param({"subject_alt_name": ["pc7"]}, "does not say what it is", id="bare name"),
        pytest.param({"lifetime": "9000d"}, "expires on", id="CA too short"),
        pytest.param({"key_passphrase": "k" * 1024}, "key_passphrase is .*longer than 1023", id="long key passphrase"),
        pytest.param({"pkcs12_passphrase": "a\nb"}, "pkcs12_passphrase has a line break", id="two lines"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(
    client: Client, tmp_path: Path, options: dict[str, Any], words: str, check_mode: bool
) -> None:
    with pytest.raises(OrthancTlsError, match=words):
        client.run(check_mode=check_mode, **options)
    assert not client.path.exists()


def test_a_folder_with_other_files_a_link_or_a_file_is_not_touched(client: Client, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    (home / "letter.txt").touch()
    (tmp_path / "link").symlink_to(home)
    for path, words in ((home, "holds letter.txt and no client.pem"), (tmp_path / "link", "is a link")):
        with pytest.raises(OrthancTlsError, match=words):
            client.run(path=str(path))
    with pytest.raises(OrthancTlsError, match=r"letter\.txt as a client's folder: Not a directory"):
        client.run(path=str(home / "letter.txt"))
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


@pytest.mark.parametrize("write", range(7))
def test_killed_before_any_write_the_next_run_converges_without_losing_the_new_key(
    client: Client, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    client.run()
    writes = 0

    def dies(path: str, data: bytes, **options: Any) -> None:
        nonlocal writes
        if writes == write:
            Path(path).with_name(f".{Path(path).name}.0123456789ab").write_bytes(b"half")
            raise KeyboardInterrupt
        writes += 1
        write_file(path, data, **options)

    monkeypatch.setattr(client_files, "write_file", dies)
    if write < 5:  # of seven files, neither the chain nor the trust bundle changes
        with pytest.raises(KeyboardInterrupt):
            client.run(force=True)
    else:
        client.run(force=True)
    survived = client.files()["client.pem"]
    monkeypatch.undo()
    client.run(ca_passphrase=None)
    assert client.files()["client.pem"] == survived
    assert not client.run()["changed"]
    if write < 5:
        client.run(force=True)
    assert set(client.files()) == set(FILES)


def test_many_runs_at_once_make_one_certificate(client: Client, ca: AuthorityFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _number: client.run(), range(8)))
    assert sum(result["changed"] for result in results) == 1
    assert len(os.listdir(Path(ca.path) / "issued")) == 1


def test_an_empty_pkcs12_passphrase_is_said_loudly(client: Client) -> None:
    result = client.run(pkcs12_passphrase="")
    assert result["pkcs12_encrypted"] is False
    assert "client.p12 in" in result["warnings"][0] and "is not encrypted" in result["warnings"][0]
    assert client.run(pkcs12_passphrase=None)["pkcs12_encrypted"] is None
    assert client.run()["pkcs12_encrypted"] is True


def test_an_ed25519_key_for_browsers_is_warned_of(client: Client) -> None:
    assert "browsers and Windows do not take" in client.run(key_type="ed25519")["warnings"][0]
    assert not client.run(key_type="ed25519", pkcs12_passphrase=None)["warnings"]


KEY_TYPES = ["ecdsa-p256", "ecdsa-p384", "rsa-2048"]


@pytest.mark.parametrize("key_type", [*KEY_TYPES, "ed25519"])
@pytest.mark.parametrize("passphrase", ["", "pass wörd"])
def test_openssl_reads_the_pkcs12(client: Client, key_type: str, passphrase: str) -> None:
    client.run(key_type=key_type, pkcs12_passphrase=passphrase)
    file = ("-in", client.path / "client.p12", "-passin", f"pass:{passphrase}", "-noenc")
    shown = openssl("pkcs12", "-info", *file)
    assert "friendlyName: anna@example.org" in shown
    assert shown.count("BEGIN CERTIFICATE") == 2
    assert ("PBES2, PBKDF2, AES-256-CBC" in shown) == bool(passphrase)
    assert "MAC: sha256" in shown
    assert ("MAC: sha256, Iteration 1000\n" in shown) == bool(passphrase)
    (client.path / "key").write_text(openssl("pkcs12", *file, "-nocerts"))
    assert openssl("pkey", "-in", client.path / "key", "-pubout") == openssl(
        "x509", "-in", client.path / "cert.pem", "-noout", "-pubkey"
    )


def test_every_guess_at_a_pkcs12_s_passphrase_takes_many_rounds(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pkcs12, "ROUNDS", 200_000)
    client.run(pkcs12_passphrase="pass wörd")
    shown = openssl("pkcs12", "-info", "-noout", "-in", client.path / "client.p12", "-passin", "pass:pass wörd")
    assert "MAC: sha256, Iteration 200000" in shown
    assert shown.count("PBKDF2, AES-256-CBC, Iteration 200000") == 2


@pytest.mark.parametrize("passphrase", ["", "secret"])
@pytest.mark.parametrize("name", ["Øystein & 本", "CT 🩻"])
def test_a_name_in_any_script_is_the_pkcs12_s_friendly_name(client: Client, name: str, passphrase: str) -> None:
    client.run(common_name=name, pkcs12_passphrase=passphrase)
    held = load_pkcs12((client.path / "client.p12").read_bytes(), passphrase.encode() or None)
    assert held.cert is not None and held.cert.friendly_name == name.replace("🩻", "\N{REPLACEMENT CHARACTER}").encode()
    assert not client.run(common_name=name, pkcs12_passphrase=passphrase)["changed"]


@pytest.mark.parametrize("key_type", KEY_TYPES)
@pytest.mark.parametrize("passphrase", ["", "pass wörd"])
def test_nss_of_firefox_and_chromium_imports_the_pkcs12(
    client: Client, tmp_path: Path, key_type: str, passphrase: str
) -> None:
    client.run(key_type=key_type, pkcs12_passphrase=passphrase)
    database = f"sql:{tmp_path}"
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}

    def nss(*command: str) -> str:
        done = subprocess.run([*command, "-d", database], capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    nss("certutil", "-N", "--empty-password")
    nss("pk12util", "-i", str(client.path / "client.p12"), "-W", passphrase)
    nss("certutil", "-A", "-n", "root", "-t", "CT,C,C", "-i", str(client.path / "ca.pem"))
    assert "u,u,u" in next(line for line in nss("certutil", "-L").splitlines() if COMMON_NAME in line)
    assert COMMON_NAME in nss("certutil", "-K")
    assert "certificate is valid" in nss("certutil", "-V", "-u", "C", "-n", COMMON_NAME)


@pytest.fixture
def server(client: Client, tmp_path: Path) -> Path:
    """A server's PEM; its certificate is of another CA, so that only client certificates are judged here."""
    path, own = tmp_path / "server.pem", made("localhost", names=["DNS:localhost"])
    path.write_bytes(own.key_pem + own.cert_pem)
    (tmp_path / "server-ca.pem").write_bytes(own.cert_pem)
    return path


@pytest.mark.parametrize("key_type", [*KEY_TYPES, "ed25519"])
@pytest.mark.parametrize("key_passphrase", [None, "key secret"])
def test_python_shakes_hands_with_client_pem_and_is_refused_without(
    client: Client, server: Path, key_type: str, key_passphrase: str | None
) -> None:
    client.run(key_type=key_type, key_passphrase=key_passphrase)
    with tls_server(server, client_ca=client.path / "ca.pem") as port:
        context = ssl.create_default_context(cafile=str(server.with_name("server-ca.pem")))
        with pytest.raises(OSError):  # an alert or a closed connection, whichever comes first
            answer(context, port)
        context.load_cert_chain(client.path / "client.pem", password=key_passphrase)
        assert answer(context, port).startswith(b"HTTP/1.0 200")


@pytest.mark.parametrize("key_type", ["ecdsa-p256", "rsa-2048"])
@pytest.mark.parametrize("passphrase", ["", "secret"])
def test_curl_uses_the_pkcs12_and_the_pem(client: Client, server: Path, key_type: str, passphrase: str) -> None:
    client.run(key_type=key_type, pkcs12_passphrase=passphrase)
    ca = ["--cacert", str(server.with_name("server-ca.pem"))]
    with tls_server(server, client_ca=client.path / "ca.pem") as port:
        for certificate in (
            ["--cert-type", "P12", "--cert", f"{client.path}/client.p12:{passphrase}"],
            ["--cert", f"{client.path}/client.pem"],
        ):
            command = ["curl", "--silent", "--show-error", *ca, *certificate, f"https://localhost:{port}/"]
            assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "ok"


def answer(context: ssl.SSLContext, port: int) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as tls,
    ):
        tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return tls.recv(4096)


def test_ansible_prints_no_key_and_no_passphrase_at_the_highest_verbosity(client: Client, tmp_path: Path) -> None:
    secrets = {
        "ca_passphrase": PASSPHRASE,
        "key_passphrase": "a key's secret 4711",
        "pkcs12_passphrase": "a browser's secret 4712",
    }
    task = {"openimaging.orthanc.client_certificate": {**client.options, **secrets}}
    wrong = {**task["openimaging.orthanc.client_certificate"], "ca_passphrase": "no secret 4713", "force": True}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [task, task, {"openimaging.orthanc.client_certificate": wrong, "ignore_errors": True}],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    environment = {**os.environ, "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"), "ANSIBLE_LOG_PATH": str(tmp_path / "log")}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vvvv", "--diff", "play.yml"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr + (tmp_path / "log").read_text()
    assert done.returncode == 0, output
    assert "changed=1" in done.stdout and "ignored=1" in done.stdout
    assert '"reason": "missing"' in done.stdout
    lines = client.files()["key.pem"].decode().splitlines()[1:-1]
    for secret in [*secrets.values(), "no secret 4713", *lines]:
        assert secret not in output
