# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pem_bundle: the file on disk, what check mode and diff say of it, and what Ansible prints at most."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from made_certificates import NOW, hierarchy, made

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.file import (
    BundleSpec,
    install_bundle,
    parse_mode,
)
from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

ROOT, INTERMEDIATE, LEAF = hierarchy()
VALID = LEAF.key_pem + LEAF.cert_pem + INTERMEDIATE.cert_pem


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """Two files and a text, as a task would name them."""
    (tmp_path / "key.pem").write_bytes(LEAF.key_pem)
    (tmp_path / "cert.pem").write_bytes(LEAF.cert_pem)
    return [str(tmp_path / "key.pem"), str(tmp_path / "cert.pem"), INTERMEDIATE.cert_pem.decode()]


def install(path: Path, sources: list[str], *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return install_bundle(BundleSpec(str(path), sources, **options), now=NOW, check_mode=check_mode)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_text_become_one_file_and_the_second_run_changes_nothing(tmp_path: Path, sources: list[str]) -> None:
    path = tmp_path / "server.pem"
    first, second = install(path, sources), install(path, sources)
    assert (first["changed"], second["changed"]) == (True, False)
    assert path.read_bytes() == VALID
    assert first["purpose"] == "server"
    assert [certificate["subject"] for certificate in first["certificates"]] == ["CN=node", "CN=Intermediate"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_bundle_that_its_clients_accept_is_written(tmp_path: Path, sources: list[str], name: str) -> None:
    path = tmp_path / "server.pem"
    trust = [pem.decode().strip() for pem in (made("Other", ca=True).cert_pem, ROOT.cert_pem)]
    assert install(path, sources, server_name=name, ca_certificates=trust)["changed"]


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "name": ("example.org", ROOT.cert_pem, "calls for example.org refuses it: Hostname mismatch"),
    "address": ("192.0.2.7", ROOT.cert_pem, "calls for 192.0.2.7 refuses it: IP address mismatch"),
    "issuer": ("localhost", made("Root", ca=True).cert_pem, "refuses it: certificate signature failure"),
    "an issuer of another name": ("localhost", made("Other", ca=True).cert_pem, "unable to get local issuer"),
}


@pytest.mark.parametrize(("name", "trust", "why"), REFUSED.values(), ids=REFUSED)
def test_one_that_they_would_refuse_is_not_written_and_the_reason_is_said(
    tmp_path: Path, sources: list[str], name: str, trust: bytes, why: str
) -> None:
    path = tmp_path / "server.pem"
    with pytest.raises(OrthancTlsError, match=re.escape(why)):
        install(path, sources, server_name=name, ca_certificates=[trust.decode()])
    assert not path.exists()


@pytest.mark.parametrize(
    ("trust", "why"), [([], "is empty"), (["-----BEGIN CERTIFICATE-----\nAA"], "entry 1, holds a")]
)
def test_trust_that_is_none_is_an_error_that_names_the_option(
    tmp_path: Path, sources: list[str], trust: list[str], why: str
) -> None:
    with pytest.raises(OrthancTlsError, match=f"ca_certificates.* {why}"):
        install(tmp_path / "server.pem", sources, server_name="localhost", ca_certificates=trust)


def test_a_key_too_weak_for_this_hosts_openssl_is_refused_before_it_is_written(tmp_path: Path) -> None:
    weak = made("weak", key=rsa.generate_private_key(65537, 1024), names=["DNS:weak"])
    pem = (weak.key_pem + weak.cert_pem).decode()
    with pytest.raises(OrthancTlsError, match="cannot serve with it: EE_KEY_TOO_SMALL"):
        install(tmp_path / "server.pem", [pem], server_name="weak", ca_certificates=[weak.cert_pem.decode()])


def test_the_mode_is_0640_with_a_key_and_0644_without(tmp_path: Path, sources: list[str]) -> None:
    install(tmp_path / "server.pem", sources)
    install(tmp_path / "trust.pem", [ROOT.cert_pem.decode()])
    assert mode_of(tmp_path / "server.pem") == 0o640
    assert mode_of(tmp_path / "trust.pem") == 0o644


def test_a_mode_that_shows_the_key_to_everyone_is_refused(tmp_path: Path, sources: list[str]) -> None:
    with pytest.raises(OrthancTlsError, match="mode 0644 lets every user"):
        install(tmp_path / "server.pem", sources, mode=0o644)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to other groups")
def test_mode_and_group_alone_are_a_change_and_what_is_left_open_stays(tmp_path: Path, sources: list[str]) -> None:
    path = tmp_path / "server.pem"
    install(path, sources)
    os.chown(path, -1, 1)
    assert install(path, sources, mode=0o600)["changed"]
    assert (mode_of(path), path.stat().st_gid) == (0o600, 1)
    assert install(path, sources, group="0", mode=0o600)["changed"]
    assert path.stat().st_gid == 0
    assert not install(path, sources, group="0", mode=0o600)["changed"]


@pytest.mark.parametrize(
    ("text", "mode"), [("0640", 0o640), ("640", 0o640), (0o640, 0o640), ("0o600", 0o600), (None, None)]
)
def test_modes_are_read_as_other_modules_read_them(text: str | int | None, mode: int | None) -> None:
    assert parse_mode(text) == mode


@pytest.mark.parametrize("text", ["u=rw", "0999", 640, "01777", -1])
def test_other_modes_are_refused(text: str | int) -> None:
    with pytest.raises(OrthancTlsError, match="expected quoted octal digits"):
        parse_mode(text)


def test_check_mode_writes_nothing_and_tells_what_a_run_would_do(tmp_path: Path, sources: list[str]) -> None:
    path = tmp_path / "server.pem"
    promised = install(path, sources, check_mode=True)
    assert not path.exists()
    done = install(path, sources)
    assert promised == done
    assert not install(path, sources, check_mode=True)["changed"]


def test_check_mode_on_a_fresh_host_waits_for_missing_sources_users_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "later" / "server.pem"
    result = install(path, ["/not/there/key.pem", ROOT.cert_pem.decode()], check_mode=True)
    assert result["changed"]
    assert "/not/there/key.pem" in result["warnings"][0]
    trust = install(path, [ROOT.cert_pem.decode()], owner="not-there-yet", check_mode=True)
    assert "owner: not there" in trust["diff"]["after"]


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        pytest.param(["/not/there.pem"], r"sources\[0\]: cannot read /not/there.pem: No such file", id="missing"),
        pytest.param(["relative.pem"], r"sources\[0\] is neither an absolute path nor PEM text", id="relative"),
        pytest.param(["/"], r"sources\[0\]: cannot read /: Is a directory", id="folder"),
        pytest.param([], "would hold no certificate", id="no sources"),
        pytest.param(
            [made("x").key_pem.decode(), LEAF.cert_pem.decode()], r"key in sources\[0\] \(text\) does", id="key"
        ),
    ],
)
def test_a_wrong_source_is_named_and_the_old_file_stays(tmp_path: Path, sources: list[str], words: str) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(VALID)
    with pytest.raises(OrthancTlsError, match=words):
        install(path, sources)
    assert path.read_bytes() == VALID
    assert os.listdir(tmp_path) == ["server.pem"]


def test_a_source_that_is_a_fifo_is_not_waited_for(tmp_path: Path, sources: list[str]) -> None:
    """It may lie in a folder of another user, who puts what he likes in its place."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OrthancTlsError, match=r"sources\[0\]: .*/fifo is not a file; name a PEM file\."):
        install(tmp_path / "bundle.pem", [str(tmp_path / "fifo"), *sources])


def test_a_bundle_that_has_expired_since_is_refused(tmp_path: Path, sources: list[str]) -> None:
    spec = BundleSpec(str(tmp_path / "server.pem"), sources)
    with pytest.raises(OrthancTlsError, match=r"CN=node in .* expired at"):
        install_bundle(spec, now=NOW + timedelta(days=60), check_mode=False)


def test_a_folder_or_a_missing_parent_is_refused(tmp_path: Path, sources: list[str]) -> None:
    with pytest.raises(OrthancTlsError, match="exists and is not a file"):
        install(tmp_path, sources)
    with pytest.raises(OrthancTlsError, match=r"The folder .*/missing is not there"):
        install(tmp_path / "missing" / "server.pem", sources)
    with pytest.raises(OrthancTlsError, match="expected an absolute path"):
        install(Path("server.pem"), sources)


def test_a_link_is_replaced_and_its_target_stays(tmp_path: Path, sources: list[str]) -> None:
    target, path = tmp_path / "target.pem", tmp_path / "server.pem"
    target.write_bytes(VALID)
    path.symlink_to(target)
    assert install(path, sources)["changed"]
    assert not path.is_symlink()
    assert not install(path, sources)["changed"]


def test_the_diff_shows_what_changes_and_nothing_of_a_key(tmp_path: Path, sources: list[str]) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(b"-----BEGIN CERTIFICATE-----\ngarbage\n-----END CERTIFICATE-----\n")
    diff = install(path, sources)["diff"]
    assert "certificate: unreadable" in diff["before"]
    assert "private key: ecdsa-p256, public key sha256" in diff["after"]
    assert "certificate: CN=node, " in diff["after"]
    assert not any(line in str(diff) for line in LEAF.key_pem.decode().splitlines())
    assert install(path, sources)["diff"]["before"] == diff["after"]


def test_comments_alone_are_a_change_that_the_diff_shows(tmp_path: Path, sources: list[str]) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(b"made by hand\n" + VALID)
    result = install(path, sources)
    assert result["changed"]
    assert result["diff"]["before"] != result["diff"]["after"]


def run_ansible(tmp_path: Path, arguments: dict[str, Any], *flags: str) -> tuple[int, str]:
    """Run the module as Ansible does, at the highest verbosity."""
    ansible = Path(sys.executable).with_name("ansible")
    environment = {
        **os.environ,
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "r"),
    }
    environment["ANSIBLE_PYTHON_INTERPRETER"] = sys.executable
    command = [str(ansible), "localhost", "-vvvv", "--diff", "-m", "openimaging.orthanc.pem_bundle", *flags]
    run = subprocess.run(
        [*command, "-a", json.dumps(arguments)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def test_ansible_prints_no_key_at_the_highest_verbosity_and_names_paths(tmp_path: Path, sources: list[str]) -> None:
    path = tmp_path / "server.pem"
    text = [LEAF.key_pem.decode(), *sources[1:]]
    code, output = run_ansible(tmp_path, {"path": str(path), "sources": text})
    assert code == 0, output
    assert path.read_bytes() == VALID
    code, failure = run_ansible(tmp_path, {"path": str(path), "sources": [*text, sources[1]]})
    assert code != 0
    assert f"is a duplicate: it is also in sources[1] ({sources[1]})" in " ".join(failure.split())
    for line in LEAF.key_pem.decode().splitlines()[1:-1]:
        assert line not in output + failure
