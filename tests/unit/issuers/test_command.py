# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issuer C(command): a program gets the CSR and the order, and its answer, its delay or its failure counts."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from issuers_tasks import HOST, NAME, NodeHost
from made_certificates import Made, made

from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.certificates import names_of
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.program import HIDDEN, run_program, shown

ROOT = made("Hospital Root", ca=True, days=(-10, 3000))
SECRET = "s3cr3t-t0ken"
SIGN = """
    import datetime, os, sys
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    csr = x509.load_pem_x509_csr(sys.stdin.buffer.read())
    root = x509.load_pem_x509_certificate(open(here + "/root.pem", "rb").read())
    key = load_pem_private_key(open(here + "/root.key", "rb").read(), None)
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(csr.subject).issuer_name(root.subject).public_key(csr.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
    builder = builder.not_valid_after(now + datetime.timedelta(seconds=int(os.environ["ORDER_LIFETIME_SECONDS"])))
    for extension in csr.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    sys.stdout.buffer.write(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
"""


@dataclass
class Program:
    """A program in a folder of its own, beside the CA that it signs with."""

    folder: Path
    root: Made = ROOT
    options: dict[str, Any] = field(default_factory=dict)

    def does(self, text: str) -> dict[str, Any]:
        """Let the program be this; return the options of the task that calls it."""
        (self.folder / "root.pem").write_bytes(self.root.cert_pem)
        (self.folder / "root.key").write_bytes(self.root.key_pem)
        script = self.folder / "issue.py"
        script.write_text(f"here = {str(self.folder)!r}\n{textwrap.dedent(text)}")
        return {
            "issuer_command": [sys.executable, str(script)],
            "issuer_ca_certificates": [ROOT.cert_pem.decode()],
            **self.options,
        }


@pytest.fixture
def host(tmp_path: Path) -> NodeHost:
    return NodeHost(tmp_path)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "program"
    folder.mkdir()
    return Program(folder)


def test_the_program_s_certificate_is_installed_and_asked_for_once(host: NodeHost, program: Program) -> None:
    options = program.does(SIGN)
    made_ = host.task("command", **options)
    assert (made_["failed"], made_["renewed"], made_["reason"]) == (False, True, "missing"), made_
    leaf = host.leaf()
    assert names_of(leaf) == [f"DNS:{NAME}"] and leaf.issuer == ROOT.certificate.subject
    assert leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == NAME
    assert (host.tls / "current" / "client-trust.pem").read_bytes() == ROOT.cert_pem
    assert host.task("command", **program.does("raise SystemExit('asked again')"))["changed"] is False
    assert not [sent for sent in host.sent if "command" in json.dumps(sent)], "a node is never told an issuer's name"


def test_the_program_is_told_the_order_and_the_same_id_until_it_has_answered(host: NodeHost, program: Program) -> None:
    note = """
        import json, os, sys
        order = {name: value for name, value in os.environ.items() if name.startswith("ORDER_")}
        open(here + "/orders.jsonl", "a").write(json.dumps([order, sys.stdin.read()]) + chr(10))
        print("the board meets on Monday", file=sys.stderr)
        raise SystemExit(75)
    """
    options = {"subject_alt_name": ["IP:192.0.2.7"], "lifetime": "30d", **program.does(note)}
    first = host.task("command", **options)
    assert (first["failed"], first["pending"]["waits_for"]) == (False, "the board meets on Monday")
    again = host.task("command", **options)
    assert again["changed"] is False
    orders = [json.loads(line) for line in (program.folder / "orders.jsonl").read_text().splitlines()]
    assert orders[0] == orders[1] and len(orders) == 2
    order, csr = orders[0]
    assert len(order.pop("ORDER_ID")) == 64
    assert order == {
        "ORDER_HOST": HOST,
        "ORDER_COMMON_NAME": NAME,
        "ORDER_NAMES": f"DNS:{NAME} IP:192.0.2.7",
        "ORDER_USAGES": "clientAuth serverAuth",
        "ORDER_KEY_TYPE": "ecdsa-p256",
        "ORDER_LIFETIME_SECONDS": str(30 * 86400),
    }
    extensions = x509.load_pem_x509_csr(csr.encode()).extensions
    assert {name.value for name in extensions.get_extension_for_class(x509.SubjectAlternativeName).value} >= {NAME}
    program.does(SIGN)
    assert host.task("command", **options)["renewed"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "import sys; print('no such profile', file=sys.stderr); raise SystemExit(2)",
            "ended with status 2. It said: no such profile.",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was ended by signal 9. It said nothing."),
        ("import time; time.sleep(60)", "did not end within 2 seconds"),
        ("import subprocess; subprocess.Popen(['sleep', '60'])", "did not end within 2 seconds"),
        ("print('<html>please log in</html>')", "holds no certificate; expected is PEM, DER or PKCS#7."),
        ("while True: print('x' * 9999)", "wrote more than"),
        ("import getpass, warnings; warnings.simplefilter('error'); getpass.getpass()", "ended with status 1"),
        ("print(open(here + '/root.key').read())", "holds a private key"),
        (
            "print(open(here + '/root.pem').read())",
            "holds no certificate for the key of the request (CN=Hospital Root)",
        ),
    ],
    ids=["fails", "dies", "hangs", "leaves a child", "garbage", "endless", "asks for a password", "a key", "wrong key"],
)
def test_a_program_that_does_not_answer_as_it_should_is_an_error_in_its_own_words(
    host: NodeHost, program: Program, text: str, complaint: str
) -> None:
    begun = time.monotonic()
    failed = host.task("command", issuer_timeout=2, **program.does(text))
    assert failed["failed"] and complaint in failed["msg"], failed["msg"]
    assert failed["msg"].startswith(f"{HOST}: ") and not (host.tls / "current").exists()
    assert time.monotonic() - begun < 20
    assert host.task("command", **program.does(SIGN))["renewed"], "the next run converges"


@pytest.mark.parametrize(
    ("command", "complaint"),
    [([], "orthanc_issuer_command is empty"), (["/nonexistent/issue"], "is no program that can be run")],
)
def test_a_program_that_is_not_there_is_known_in_check_mode(
    host: NodeHost, program: Program, command: list[str], complaint: str
) -> None:
    failed = host.task("command", check_mode=True, **{**program.does(SIGN), "issuer_command": command})
    assert failed["failed"] and complaint in failed["msg"]


def test_check_mode_asks_nobody(host: NodeHost, program: Program) -> None:
    planned = host.task("command", check_mode=True, **program.does("open(here + '/asked', 'w')"))
    assert planned["changed"] and not (program.folder / "asked").exists() and not host.tls.exists()


def test_trust_must_be_stated_and_be_a_root(host: NodeHost, program: Program) -> None:
    leaf = made("someone")
    for stated, complaint in (
        ([], "has no root certificate"),
        ([ROOT.cert_pem.decode(), leaf.cert_pem.decode()], "which is not a CA"),
    ):
        failed = host.task("command", **{**program.does(SIGN), "issuer_ca_certificates": stated})
        assert failed["failed"] and complaint in failed["msg"]


def test_a_root_beside_the_first_is_trusted_and_changes_no_certificate(host: NodeHost, program: Program) -> None:
    other = made("Hospital Root 2", ca=True, days=(-1, 3000))
    host.task("command", **program.does(SIGN))
    both = {**program.does(SIGN), "issuer_ca_certificates": [ROOT.cert_pem.decode(), other.cert_pem.decode()]}
    trusting = host.task("command", **both)
    assert (trusting["renewed"], trusting["reason"]) == (False, "trust_changed")
    program.root = other
    renewed = host.task(
        "command", **{**both, **{"force": True}, "issuer_command": program.does(SIGN)["issuer_command"]}
    )
    assert renewed["renewed"] and host.leaf().issuer == other.certificate.subject
    refused = host.task("command", **program.does(SIGN))
    assert refused["failed"] and "was issued by" in refused["msg"], "its root is not stated any more"


def test_a_certificate_of_a_new_root_waits_for_a_run_in_which_that_root_was_made_known(
    host: NodeHost, program: Program
) -> None:
    other = made("Hospital Root 2", ca=True, days=(-1, 3000))
    host.task("command", **program.does(SIGN))
    first, program.root = host.leaf(), other
    both = {**program.does(SIGN), "issuer_ca_certificates": [ROOT.cert_pem.decode(), other.cert_pem.decode()]}
    waits = host.task("command", force=True, **both)
    assert (waits["changed"], waits["renewed"], waits["reason"]) == (True, False, "trust_changed")
    assert "every node to trust CN=Hospital Root 2" in waits["pending"]["waits_for"] and host.leaf() == first
    assert other.cert_pem in (host.tls / "current" / "client-trust.pem").read_bytes()
    then = host.task("command", **both)
    assert then["renewed"] and host.leaf().issuer == other.certificate.subject


def test_a_ca_whose_clock_is_a_little_ahead_is_waited_for(host: NodeHost, program: Program) -> None:
    ahead = SIGN.replace("now - datetime.timedelta(minutes=5)", "now + datetime.timedelta(seconds=3)")
    assert host.task("command", **program.does(ahead))["renewed"]
    late = SIGN.replace("now - datetime.timedelta(minutes=5)", "now + datetime.timedelta(minutes=3)")
    refused = host.task("command", force=True, **program.does(late))
    assert refused["failed"] and "is not valid before" in refused["msg"]


def test_a_damaged_certificate_below_an_intermediate_that_is_not_stated_is_replaced(
    host: NodeHost, program: Program
) -> None:
    program.root = made("Hospital Issuing CA", ROOT, ca=True, days=(-5, 2000))
    identified = "x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())"
    sign = SIGN.replace("    sys.stdout", f"    builder = builder.add_extension({identified}, False)\n    sys.stdout")
    options = program.does(f"{sign}    print(open(here + '/root.pem').read())")
    first = host.task("command", **options)
    chain = host.tls / "current" / "chain.pem"
    assert first["renewed"] and chain.read_bytes() == program.root.cert_pem, first
    cert = host.tls / "current" / "cert.pem"
    cert.write_bytes(cert.read_bytes() + b"\n")
    assert host.task("command", check_mode=True, **options)["reason"] == "damaged"
    chain.write_bytes(chain.read_bytes() + b"\n")
    refused = host.task("command", check_mode=True, **options)
    assert refused["failed"] and "was issued by" in refused["msg"], "nothing says any more whose it is"


def test_a_node_that_asks_for_other_names_gets_nothing(host: NodeHost, program: Program) -> None:
    from ansible_collections.openimaging.orthanc.plugins.module_utils.enrolment.node_key import new_request

    options = program.does("open(here + '/asked', 'w')")
    for names, usages in (
        (["DNS:archive.example.org"], ["clientAuth", "serverAuth"]),
        ([f"DNS:{NAME}"], ["serverAuth"]),
    ):
        csr = new_request("ecdsa-p256", NAME, names, usages)[1].decode()
        host.answers = {"csr": csr, "staged": "x", "reason": "missing"}
        refused = host.task("command", **options)
        assert refused["failed"] and "treat the node as compromised" in refused["msg"]
    assert not (program.folder / "asked").exists()


def test_what_is_secret_by_its_name_is_not_shown() -> None:
    environment = {"VAULT_TOKEN": SECRET, "CA_PASSWORD": "another-secret", "HOME": "/root"}
    said = f"403 for {SECRET} in /root with another-secret; password=hunter2, Authorization: Bearer abc.def"
    words = shown(said, environment)
    assert words.count(HIDDEN) == 4 and "/root" in words
    for secret in (SECRET, "another-secret", "hunter2", "abc.def"):
        assert secret not in words
    key = made("x").key_pem.decode()
    assert shown(f"cannot use {key}", {}) == f"cannot use {HIDDEN}"
    assert "\x1b" not in shown("\x1b[31mred", {})


def test_a_secret_in_a_program_s_words_is_in_no_error(
    host: NodeHost, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSPITAL_CA_TOKEN", SECRET)
    text = "import os, sys; print('denied:', os.environ['HOSPITAL_CA_TOKEN'], file=sys.stderr); raise SystemExit(%d)"
    for status in (1, 75):
        told = json.dumps(host.task("command", **program.does(text % status)))
        assert HIDDEN in told and SECRET not in told


def test_a_program_has_no_terminal_and_all_that_it_has_started_ends_with_it() -> None:
    script = "import os, subprocess; subprocess.Popen(['sleep', '99'], stdout=2); print(os.getsid(0) == os.getpid())"
    ended = run_program([sys.executable, "-c", script], b"", {}, timedelta(seconds=3))
    assert ended.output == b"True\n" and ended.failure == "did not end within 3 seconds"
