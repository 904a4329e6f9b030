# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks a node before anything is changed on it, each beside the same look without the trouble."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from seen_node import FRONTEND_RECORD, HOST, NAME, PID, answer, faulted, looked, nginx_with, node_of, site, space, unit

from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.binary_capabilities import FileCapabilities
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.made_by_hand import HandMade
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.managed_files import ManagedFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.packages import InstalledPackage
from ansible_collections.openimaging.orthanc.plugins.module_utils.inspection.port_holders import Holder
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx import facts as nginx
from ansible_collections.openimaging.orthanc.plugins.module_utils.nginx.configuration import listeners
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc import location
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blocker import Blocker
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.plan.blockers import blockers

PACS = "/etc/nginx/sites-enabled/pacs.conf"
BUILTIN = {"orthanc_tls_mode": "builtin", "orthanc_http_port": 443}
BY_ADDRESS = {"orthanc_fqdn": "192.0.2.7"}
UNMANAGED = {
    location.SETTINGS: ManagedFile("missing"),
    nginx.SITE: ManagedFile("missing"),
    FRONTEND_RECORD: ManagedFile("missing"),
}
BY_ORDER = ("enrolment", "server_certificate")
LONG = "archive.radiology.university-hospital.example.org"


def found(
    variables: dict[str, Any] | None = None, *, http_port: int = 80, replace: bool = False, **sections: Any
) -> Any:
    look = looked(**sections)
    return blockers(node_of(variables), look, frontend_http_port=http_port, replace_configuration=replace)


def only(trouble: list[Blocker]) -> Blocker:
    (blocker,) = trouble
    for text in (blocker.what, blocker.remedy):
        assert text.endswith(".") and text.isprintable() and "Nothing was changed" not in text
    return blocker


def units(*, orthanc: bool = True, engine: bool = True) -> dict[str, Any]:
    return {
        location.UNIT: unit("/usr/sbin/Orthanc", active=orthanc),
        nginx.UNIT: unit("/usr/sbin/nginx", active=engine),
    }


@pytest.mark.parametrize("variables", [{}, BUILTIN], ids=["frontend", "builtin"])
def test_a_healthy_node_has_none(variables: dict[str, Any]) -> None:
    assert found(variables, ports=[Holder(4242, "Orthanc", PID)]) == []


def test_ports_of_our_own_services_do_not_block() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("port", "variable", "title"),
    [
        (443, "frontend_https_port", "nginx"),
        (80, "frontend_http_port", "nginx"),
        (8042, "orthanc_http_port", "Orthanc"),
        (4242, "orthanc_dicom_port", "Orthanc"),
    ],
)
def test_another_program_on_a_port_blocks_and_is_named(port: int, variable: str, title: str) -> None:
    blocker = only(found(ports=[Holder(port, "apache2", 812)]))
    assert blocker.what == f"Port {port} is held by 'apache2' (process 812), and {title} needs it."
    assert f"set {variable} to another port" in blocker.remedy
    assert ("to 0 to open none" in blocker.remedy) == (port == 80)


def test_the_port_of_the_redirection_may_not_be_another_one_of_the_nodes() -> None:
    blocker = only(found({"orthanc_http_port": 80}, ports=[]))
    assert blocker.what.startswith("orthanc_http_port and frontend_http_port are both 80, and only one program")
    assert "frontend_http_port to 0" in blocker.remedy
    assert found({"orthanc_http_port": 80}, http_port=0, ports=[]) == []


@pytest.mark.parametrize("port", [443, 80])
def test_an_orthanc_that_has_the_front_ends_port_today_leaves_it(port: int) -> None:
    """It is moved to its own port before the front-end comes."""
    assert found(ports=[Holder(port, "Orthanc", PID)], files=UNMANAGED, replace=True) == []
    assert only(found(ports=[Holder(port, "Orthanc", 99)], files=UNMANAGED, replace=True))


def test_a_port_that_is_not_needed_does_not_block() -> None:
    assert found(http_port=0, ports=[Holder(80, "apache2", 812)]) == []
    assert found(BUILTIN, ports=[Holder(80, "apache2", 812)]) == []


@pytest.mark.parametrize(
    ("holder", "running", "blocked"),
    [
        (Holder(443, None, None), units(), False),
        (Holder(443, None, None), units(engine=False), True),
        (Holder(443, "nginx", 99), units(engine=False), True),
        (Holder(8042, None, None), units(), False),
        (Holder(8042, None, None), units(orthanc=False), True),
        (Holder(8042, "Orthanc", 99), units(orthanc=False), True),
        (Holder(8042, "Orthanc", 99), units(), True),
        (Holder(8042, "Orthanc", None), units(), False),
        (Holder(8042, "nginx", 13), units(), True),
    ],
    ids=[
        "unnamed, nginx runs",
        "unnamed, nginx does not run",
        "an nginx that systemd did not start",
        "unnamed, Orthanc runs",
        "unnamed, Orthanc does not run",
        "an Orthanc that systemd did not start",
        "a second Orthanc",
        "an Orthanc without a number",
        "nginx on Orthanc's port",
    ],
)
def test_whose_a_port_is_is_told_by_program_and_unit(holder: Holder, running: dict[str, Any], blocked: bool) -> None:
    others = [Holder(8042, "Orthanc", PID)] if holder.port != 8042 and running[location.UNIT].main_pid else []
    assert bool(found(ports=[holder, *others], units=running)) is blocked


def test_an_unnamed_program_is_told_as_such() -> None:
    blocker = only(found(ports=[Holder(443, None, None), Holder(8042, "Orthanc", PID)], units=units(engine=False)))
    assert blocker.what == "Port 443 is held by a program that the node does not name, and nginx needs it."


def test_a_wrapper_that_starts_orthanc_has_another_process() -> None:
    running = {**units(), location.UNIT: unit("/usr/local/bin/start-orthanc")}
    assert found(ports=[Holder(8042, "Orthanc", 99)], units=running) == []


def test_what_a_program_is_called_on_a_node_is_escaped() -> None:
    assert "'\\x1b[2Jx'" in only(found(ports=[Holder(443, "\x1b[2Jx", 1)])).what


@pytest.mark.parametrize("program", ["Orthanc", None])
def test_the_port_that_orthanc_leaves_to_the_front_end_does_not_block(program: str | None) -> None:
    ports, running = [Holder(443, program, PID), Holder(4242, program, PID)], units(engine=False)
    assert found(ports=ports, units=running) == []
    other = [*ports, Holder(8042, program, PID)]
    assert bool(found(ports=other, units=running)) is (program is None), "Orthanc is on its own port already"
    assert only(found(ports=[Holder(443, "apache2", 1)], units=running))


@pytest.mark.parametrize("program", ["nginx", None])
@pytest.mark.parametrize(
    ("traces", "ours"),
    [
        ({**UNMANAGED, nginx.SITE: ManagedFile("file")}, True),
        ({**UNMANAGED, FRONTEND_RECORD: ManagedFile("folder")}, True),
        (UNMANAGED, False),
    ],
    ids=["site", "record", "neither"],
)
def test_the_port_that_the_front_end_leaves_to_orthanc_does_not_block(
    program: str | None, traces: dict[str, ManagedFile], ours: bool
) -> None:
    services = answer()["services"]
    services["frontend"]["record"]["recorded"] = False
    sections = {
        "files": traces,
        "services": services,
        "units": units(orthanc=False),
        "ports": [Holder(443, program, 13)],
    }
    assert bool(found(BUILTIN, **sections)) is not ours
    assert only(found(BUILTIN, **sections, nginx=nginx_with(site("/x.conf", 443, "other.example.org"))))
    services["frontend"]["record"]["recorded"] = True
    assert found(BUILTIN, **sections) == []


def test_the_dicom_port_is_nobody_elses_in_any_mode() -> None:
    assert "4242" in only(found(BUILTIN, ports=[Holder(4242, "nginx", 13)])).what


def test_an_nginx_that_does_not_load_blocks_a_front_end_only() -> None:
    broken = nginx_with(fault="it does not load: unexpected end of file in /etc/nginx/nginx.conf:85")
    blocker = only(found(nginx=broken))
    assert "/etc/nginx/nginx.conf:85" in blocker.what
    assert "include /etc/nginx/sites-enabled/*;" in blocker.remedy and "nginx -t" in blocker.remedy
    assert found(BUILTIN, nginx=broken, ports=[]) == []


@pytest.mark.parametrize(("port", "variable"), [(443, "frontend_https_port"), (80, "frontend_http_port")])
def test_another_site_with_our_name_blocks(port: int, variable: str) -> None:
    both = [site(PACS, port, "PACS.example.org"), replace(site(PACS, port, "PACS.example.org"), address="[::]")]
    blocker = only(found(nginx=nginx_with(*both)))
    assert blocker.what == f"'{PACS}' has a site on port {port} that serves {NAME} already."
    assert variable in blocker.remedy and blocker.remedy.startswith("Take that name out of that site")
    assert found(nginx=nginx_with(site(PACS, 443, "other.example.org"), site(PACS, 80, "_"))) == []
    assert found(http_port=0, nginx=nginx_with(site(PACS, 8042, NAME))) == []
    assert found(BUILTIN, ports=[], nginx=nginx_with(site(PACS, port, NAME))) == []


def test_a_site_as_many_have_it_in_front_of_orthanc_blocks_both_ports() -> None:
    lines = [
        "# configuration file /etc/nginx/nginx.conf:",
        "http { include /etc/nginx/sites-enabled/*; }",
        f"# configuration file {PACS}:",
        f"server {{ listen 80; listen [::]:80; server_name {NAME};",
        "    location / { return 301 https://$host$request_uri; } }",
        f"server {{ listen 443 ssl http2; listen [::]:443 ssl http2 ipv6only=on; server_name {NAME};",
        "    location /orthanc/ { proxy_pass http://127.0.0.1:8042; } }",
    ]
    seen = nginx_with(*listeners("\n".join(lines)))
    assert [blocker.what.split(" that ")[0] for blocker in found(nginx=seen)] == [
        f"'{PACS}' has a site on port 80",
        f"'{PACS}' has a site on port 443",
    ]
    assert found({"frontend_https_port": 8443}, http_port=0, ports=[], nginx=seen) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "taken"),
    [
        (NAME, NAME, True),
        (NAME, "Pacs.Example.Org", True),
        (NAME, "*.example.org", False),
        (NAME, f".{NAME}", True),
        (NAME, ".example.org", False),
        (NAME, "pacs.*", False),
        (NAME, "~^pacs", False),
        (NAME, "_", False),
        ("*.example.org", "*.example.org", True),
        ("*.example.org", ".example.org", True),
        ("*.example.org", "www.example.org", False),
        ("*.example.org", "*.org", False),
        (LONG, LONG, True),
        (LONG, "*.example.org", True),
        (LONG, ".example.org", True),
        (LONG, "archive.*", True),
        (LONG, "*.example.com", False),
        (LONG, "archives.*", False),
        (LONG, "~.", False),
    ],
)
def test_a_name_is_taken_where_nginx_prefers_the_other_site(ours: str, theirs: str, taken: bool) -> None:
    variables = {"orthanc_fqdn": "first.example.net", "frontend_server_names": [ours]}
    assert bool(found(variables, nginx=nginx_with(site(PACS, 443, "x.example.net", theirs)))) is taken


def test_several_names_in_one_site_are_one_blocker() -> None:
    both = nginx_with(site(PACS, 443, NAME, "viewer.example.org"))
    blocker = only(found({"frontend_server_names": ["viewer.example.org"]}, nginx=both))
    assert f"{NAME}, viewer.example.org" in blocker.what and "Take these names" in blocker.remedy


def test_a_node_without_a_name_cannot_share_the_port() -> None:
    blocker = only(found(BY_ADDRESS, nginx=nginx_with(site(PACS, 443, "other.example.org"))))
    assert f"'{PACS}' has a site on port 443" in blocker.what and "orthanc_fqdn" in blocker.remedy
    assert found(BY_ADDRESS) == found(BY_ADDRESS, nginx=nginx_with(site(PACS, 80, "other.example.org"))) == []


@pytest.mark.parametrize(
    ("capabilities", "named"),
    [
        (FileCapabilities(("cap_net_bind_service",), ("cap_net_bind_service",), True), "('cap_net_bind_service')"),
        (FileCapabilities(("cap_net_bind_service", "cap_\x1b[2J")), "('cap_net_bind_service', 'cap_\\x1b[2J')"),
        (FileCapabilities(effective=True), "(none by name)"),
    ],
)
def test_capabilities_of_the_program_block_where_it_would_ignore_what_keeps_the_system_s_cas_out(
    capabilities: FileCapabilities, named: str
) -> None:
    blocker = only(found(BUILTIN, ports=[], capabilities=capabilities))
    assert f"/usr/sbin/Orthanc has file capabilities {named}" in blocker.what and "SSL_CERT_FILE" in blocker.what
    assert "setcap -r /usr/sbin/Orthanc" in blocker.remedy
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in blocker.remedy
    assert found(capabilities=capabilities) == [], "behind a front-end it speaks no TLS"


@pytest.mark.parametrize(
    ("variables", "names", "named"),
    [
        (BUILTIN, ("SSL_CERT_FILE", "LD_LIBRARY_PATH"), "'LD_LIBRARY_PATH', 'SSL_CERT_FILE'"),
        ({**BUILTIN, "orthanc_client_auth": "none"}, ("SSL_CERT_FILE", "LD_LIBRARY_PATH"), "'LD_LIBRARY_PATH'"),
        ({**BUILTIN, "orthanc_client_auth": "none"}, ("SSL_CERT_FILE", "SSL_CERT_DIR"), None),
        ({}, ("SSL_CERT_FILE", "LD_LIBRARY_PATH"), None),
    ],
    ids=["clients are asked", "clients are not asked", "no matter of clients", "behind a front-end"],
)
def test_an_environment_file_that_outranks_what_a_run_sets_blocks_where_orthanc_speaks_tls(
    variables: dict[str, Any], names: tuple[str, ...], named: str | None
) -> None:
    seen = {**units(), location.UNIT: replace(unit("/usr/sbin/Orthanc"), outranked=names)}
    trouble = found(variables, ports=[], units=seen)
    assert bool(trouble) is bool(named)
    if named:
        blocker = only(trouble)
        assert f"An EnvironmentFile of orthanc.service sets {named}, and systemd takes that before" in blocker.what
        assert "systemctl show orthanc.service --property EnvironmentFiles" in blocker.remedy


@pytest.mark.parametrize("capabilities", [None, FileCapabilities(), FileCapabilities((), ("cap_chown",))])
def test_capabilities_that_are_not_granted_do_not_block(capabilities: FileCapabilities | None) -> None:
    assert found(BUILTIN, ports=[], capabilities=capabilities) == []


def test_a_configuration_made_by_hand_blocks_until_it_is_adopted_or_may_be_replaced() -> None:
    by_hand: dict[str, Any] = {
        "files": UNMANAGED,
        "made_by_hand": HandMade(("/etc/orthanc/orthanc.json",), ("/etc/orthanc/x\n.json",)),
    }
    blocker = only(found(**by_hand))
    assert "('/etc/orthanc/orthanc.json', '/etc/orthanc/x\\n.json')" in blocker.what
    assert "adopt.yml" in blocker.remedy and "orthanc_replace_configuration: true" in blocker.remedy
    assert found(**by_hand, replace=True) == []
    assert found(made_by_hand=by_hand["made_by_hand"]) == []
    assert found(files=UNMANAGED) == []
    assert found(**by_hand, orthanc_version=None, capabilities=None) == [], "nothing reads it"
    assert found(**by_hand, capabilities=None), "its program says its version"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"bytes": 16 * 2**20 - 1}, "has 16383 KiB free, and a run needs 16384"),
        ({"inodes": 199}, "room for 199 more files, and a run needs 200"),
        ({"read_only": True, "bytes": 0}, "is read-only"),
    ],
)
def test_a_file_system_without_space_blocks(changes: dict[str, Any], text: str) -> None:
    full = {"/etc/orthanc": space(**changes), "/var/log/nginx": space()}
    blocker = only(found(free_space=full))
    assert "The file system of /etc/orthanc " in blocker.what and text in blocker.what
    both = only(found(free_space=dict.fromkeys(full, space(**changes))))
    assert "/etc/orthanc, /var/log/nginx" in both.what
    enough = space(bytes=16 * 2**20, inodes=200)
    assert found(free_space={"/etc/orthanc": enough, "/var/log/nginx": space(inodes=None)}) == []


@pytest.mark.parametrize(
    "section", ["packages", "units", "files", "free_space", "ports", "nginx", "identity", "services", *BY_ORDER]
)
def test_what_a_decision_needs_and_cannot_be_seen_blocks(section: str) -> None:
    blocker = only(found(**faulted(section, why="it broke\x1b[2J")))
    assert ": 'it broke\\x1b[2J'" in blocker.what and blocker.remedy


@pytest.mark.parametrize("section", ["clock", "orthanc_version", "capabilities", "civetweb", "made_by_hand", "answers"])
def test_what_no_decision_needs_does_not_block(section: str) -> None:
    assert found(**faulted(section)) == []


def test_each_mode_needs_its_own_sections() -> None:
    for section in ("civetweb", "capabilities"):
        assert only(found(BUILTIN, ports=[], **faulted(section)))
    assert found(BUILTIN, ports=[], **faulted("nginx")) == []
    assert only(found(files=UNMANAGED, **faulted("made_by_hand")))
    assert found(files=UNMANAGED, replace=True, **faulted("made_by_hand")) == []


def test_certificates_that_cannot_be_seen_before_cryptography_is_installed_do_not_block() -> None:
    packages = {**looked().packages, "python3-cryptography": InstalledPackage()}
    assert found(**faulted("identity"), packages=packages) == []
    assert only(found(**faulted("identity")))


def test_a_record_that_cannot_be_read_blocks() -> None:
    services = answer()["services"]
    services["orthanc"] |= {"record": None, "fault": "record.json is damaged; remove it"}
    assert (
        "the service orthanc was last healthy with cannot be seen: 'record.json" in only(found(services=services)).what
    )


def test_several_troubles_are_all_named() -> None:
    trouble = found(
        ports=[Holder(443, "apache2", 812), Holder(4242, "dcm4chee", 9)],
        free_space={"/etc/orthanc": space(bytes=0), "/var/log/nginx": space()},
        nginx=nginx_with(site(PACS, 80, NAME)),
    )
    assert len(trouble) == 4 and all(HOST not in blocker.remedy for blocker in trouble)
