# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation prints is run as it is printed, in a fleet's folder as the README makes it, with fake hosts.

Only the folder /srv/orthanc is another one. That a run does on hosts what the pages say is for the scenarios.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from authorities import PASSPHRASE, made_folder
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from documented_yaml import PAGES, ROOT, blocks, load
from fake_node import FakeFleet
from seen_node import without_identity

EXAMPLE = ROOT / "playbooks/examples/fleet/inventory.yml"
FLEET = "/srv/orthanc"
HOSTS = ["archive", "edge1", "edge2"]
BLOCKS = blocks()
PASSWORD = "the vault's password"
WITH_VAULT = " -i inventory.yml --ask-vault-pass "

_CONSOLE = re.compile(r"^ *```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
REACHES = re.compile(r"openimaging\.orthanc\.(?!clients|certificate_info|revoke)")
_VAULT = re.compile(r"\bvault_\w+")


def commands() -> dict[str, str]:
    """Every command of Ansible's over the fleet that a page prints, by its words, with the page."""
    found: dict[str, str] = {}
    for page in PAGES:
        for line in "".join(_CONSOLE.findall(page.read_text())).splitlines():
            command = line.strip().removeprefix("$ ")
            if command.startswith(("ansible ", "ansible-playbook ")) and " inventory.yml " in command:
                found.setdefault(command, page.name)
    return found


def beginning(*names: str) -> str:
    """Return the block that begins with a comment that names its file."""
    return next(text for text in BLOCKS.values() if text.startswith(names))


def completed(text: str, fleet: FakeFleet) -> str:
    """Return a printed block with this fleet's folder, and a whole certificate where its first line is printed."""
    pem = (fleet.ca / "active/ca.pem").read_text()
    line = re.compile(r"^( *)-----BEGIN CERTIFICATE-----\n", re.MULTILINE)
    whole = line.sub(lambda match: re.sub("^", match[1], pem.rstrip(), flags=re.MULTILINE) + "\n", text)
    return whole.replace(FLEET, str(fleet.folder))


@pytest.fixture
def fleet(tmp_path: Path) -> FakeFleet:
    """Return the folder of a fleet with the example inventory, its vault and a CA, and hosts that are blocked."""
    fleet = FakeFleet(tmp_path, {host: {} for host in HOSTS}, {})
    fakes = yaml.safe_load((tmp_path / "inventory.yml").read_text())["orthanc"]
    made_folder(tmp_path)
    (tmp_path / "inventory.yml").write_text(completed(EXAMPLE.read_text(), fleet))
    (tmp_path / "elsewhere-ca.pem").write_bytes((fleet.ca / "active/ca.pem").read_bytes())
    (tmp_path / "partner-ca.pem").write_bytes((fleet.ca / "active/ca.pem").read_bytes())
    look = {**without_identity("missing"), "ports": [{"port": 4242, "program": "storescp", "process": 812}]}
    for host in HOSTS:
        fleet.answers(host, stat={"stat": {"exists": True}}, node_look=look)
        variables = {**fakes["hosts"][host], "ansible_connection": "local", "ansible_become": False}
        write(tmp_path / "host_vars" / host / "fake.yml", yaml.safe_dump(variables))
    names = _VAULT.findall("\n".join([*BLOCKS.values(), EXAMPLE.read_text()]))
    secrets = {name: PASSPHRASE if name == "vault_orthanc_ca_passphrase" else "a password" for name in names}
    vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    write(tmp_path / "group_vars/orthanc/vault.yml", vault.encrypt(yaml.safe_dump(secrets)).decode())
    write(tmp_path / "ca.yml", completed(beginning("# ca.yml"), fleet))
    clients = next(text for name, text in BLOCKS.items() if name.startswith("docs/clients.md:"))
    write(
        tmp_path / "group_vars/orthanc/clients.yml", yaml.safe_dump(load(completed(clients, fleet))["orthanc"]["vars"])
    )
    return fleet


def shell(fleet: FakeFleet, page: str, word: str, folder: Path, *lines: str) -> str:
    """Run the commands of the one console of a page that has a word in it, and type lines; return what is shown."""
    (console,) = [text for text in _CONSOLE.findall((ROOT / page).read_text()) if word in text]
    commands = [line.removeprefix("$ ") for line in console.splitlines() if line.startswith("$ ")]
    done = subprocess.run(
        ["bash", "-e", "-c", completed("\n".join(commands), fleet)],
        cwd=folder,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # without a terminal, so that a password is read from what is typed
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def typed(fleet: FakeFleet, command: str) -> tuple[int, str]:
    """Type a command, and the vault's password where it asks for that."""
    return fleet.run(*shlex.split(command), typed=f"{PASSWORD}\n")


def test_every_command_over_the_fleet_asks_for_the_vaults_password() -> None:
    assert len(commands()) > 20
    assert [command for command in commands() if WITH_VAULT not in command] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_in_the_text_of_a_page_forgets_the_vaults_password(page: Path) -> None:
    text = page.read_text()
    assert text.count(" -i inventory.yml ") == text.count(WITH_VAULT) + text.count(
        "ansible-inventory -i inventory.yml "
    )


@pytest.mark.parametrize("block", [name for name in BLOCKS if _VAULT.search(BLOCKS[name])])
def test_a_page_says_of_each_secret_that_it_uses_where_it_is_kept(block: str) -> None:
    page = ROOT / block.partition(":")[0]
    said = re.sub(r"```ya?ml\n(?!# group_vars).*?```", "", page.read_text(), flags=re.DOTALL)
    assert "group_vars/orthanc/vault.yml" in said


@pytest.mark.parametrize("command", [command for command in commands() if REACHES.search(command)])
def test_a_printed_command_reaches_the_hosts(command: str, fleet: FakeFleet) -> None:
    _status, output = typed(fleet, command)
    assert [host for host in HOSTS if fleet.asked(host)], output


@pytest.mark.parametrize("command", [command for command in commands() if command.startswith("ansible edge1 ")])
def test_a_printed_look_at_a_node_reaches_it(command: str, fleet: FakeFleet) -> None:
    _status, output = typed(fleet, command)
    assert fleet.asked("edge1"), output


def test_the_readmes_inventory_reaches_its_hosts_and_no_others(fleet: FakeFleet) -> None:
    (fleet.folder / "inventory.yml").write_text(completed(beginning("# inventory.yml"), fleet))
    _status, output = typed(fleet, f"ansible-playbook{WITH_VAULT}openimaging.orthanc.site --check --diff")
    assert "Port 4242 is held by" in " ".join(output.split())
    assert [host for host in HOSTS if "node_look" in fleet.asked(host)] == ["archive", "edge1"]


def test_the_printed_clients_get_their_files_without_reaching_a_host(fleet: FakeFleet) -> None:
    (command,) = [command for command in commands() if command.endswith("openimaging.orthanc.clients")]
    status, output = typed(fleet, command)
    assert status == 0, output
    folders = list((fleet.folder / "clients").iterdir())
    printed = load((fleet.folder / "group_vars/orthanc/clients.yml").read_text())["orthanc_clients"]
    assert len(folders) == len(printed) == 3
    assert all((folder / "client.pem").exists() and (folder / "ca.pem").exists() for folder in folders)
    assert sum((folder / "client.p12").exists() for folder in folders) == 2
    assert [host for host in HOSTS if fleet.asked(host)] == []


def test_the_printed_revocation_is_of_a_printed_client_and_reaches_the_hosts(fleet: FakeFleet) -> None:
    (make,) = [command for command in commands() if command.endswith("openimaging.orthanc.clients")]
    (revoke,) = [command for command in commands() if "openimaging.orthanc.revoke" in command]
    status, output = typed(fleet, make)
    assert status == 0, output
    _status, output = typed(fleet, revoke)
    assert len(list((fleet.ca / "revoked").iterdir())) == 1, output
    assert [host for host in HOSTS if fleet.asked(host)] == HOSTS, output


def test_a_printed_new_laptop_gets_a_new_certificate_and_no_run_before_that_gives_it_one(fleet: FakeFleet) -> None:
    (make,) = [command for command in commands() if command.endswith("openimaging.orthanc.clients")]
    (revoke,) = [command for command in commands() if "openimaging.orthanc.revoke" in command]
    (again,) = [command for command in commands() if "clients_reissue" in command]
    certificate = fleet.folder / "clients/anna@example.org/cert.pem"
    typed(fleet, make)
    lost = certificate.read_bytes()
    typed(fleet, revoke)
    typed(fleet, make)
    assert certificate.read_bytes() == lost
    status, output = typed(fleet, again)
    assert status == 0, output
    assert certificate.read_bytes() != lost


def test_ca_yml_makes_a_ca_without_reaching_a_host(fleet: FakeFleet) -> None:
    fleet.ca.rename(fleet.folder / "another-ca")
    status, output = typed(fleet, f"ansible-playbook{WITH_VAULT}ca.yml")
    assert status == 0, output
    assert (fleet.ca / "active/ca.pem").exists()
    assert [host for host in HOSTS if fleet.asked(host)] == []


def test_the_variables_that_pages_print_are_accepted_together(fleet: FakeFleet) -> None:
    """Each block is a file of variables of the host that it names, or else of the whole group."""
    for name, text in BLOCKS.items():
        tree = load(text)
        file = f"{name.replace('/', '-').replace(':', '-')}.yml"
        if not isinstance(tree, dict) or {"orthanc", "all"} & tree.keys() or text.startswith("# group_vars"):
            continue
        if not tree.keys() <= set(HOSTS):
            host = "host_vars/edge2" if "orthanc_server_certificate" in tree else "group_vars/orthanc"
            write(fleet.folder / host / file, completed(text, fleet))
        for host in tree.keys() & set(HOSTS):
            write(fleet.folder / "host_vars" / host / file, yaml.safe_dump(load(completed(text, fleet))[host]))
    _status, output = typed(fleet, f"ansible-playbook{WITH_VAULT}openimaging.orthanc.site --check")
    assert [host for host in HOSTS if "node_look" in fleet.asked(host)] == HOSTS, output


def test_the_commands_that_look_at_the_ca_show_what_the_page_says(fleet: FakeFleet) -> None:
    (fleet.ca / "issued/1.pem").write_bytes((fleet.ca / "active/ca.pem").read_bytes())
    seen = shell(fleet, "docs/ca.md", "-check", fleet.ca, PASSPHRASE)
    assert re.search(r"subject=.*\nnotAfter=.*\nsha256 Fingerprint=.*\nKey is valid\nsubject=.*\nnotAfter=", seen)


def test_the_commands_that_change_the_passphrase_change_it(fleet: FakeFleet) -> None:
    shell(fleet, "docs/ca.md", "-topk8", fleet.folder, PASSPHRASE, "another passphrase", "another passphrase")
    key = (fleet.ca / "active/ca.key").read_bytes()
    assert load_pem_private_key(key, b"another passphrase")
    with pytest.raises(ValueError, match="password"):
        load_pem_private_key(key, PASSPHRASE.encode())


def test_the_backup_has_the_whole_folder_of_the_ca(fleet: FakeFleet) -> None:
    shell(fleet, "docs/ca.md", "tar ", fleet.folder)
    with tarfile.open(fleet.folder / "orthanc-ca.tgz") as backup:
        kept = {name.removeprefix("ca/") for name in backup.getnames()} - {"ca"}
    assert kept == {str(path.relative_to(fleet.ca)) for path in fleet.ca.rglob("*")}
