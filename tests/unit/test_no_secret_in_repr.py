# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is printed of an object, in a traceback or a log, holds no key, password or body."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from made_certificates import made

from ansible_collections.openimaging.orthanc.plugins.module_utils.bundles.file import BundleSpec, FileOwnership, Present
from ansible_collections.openimaging.orthanc.plugins.module_utils.files.state import FILE, FileState, SeenFile
from ansible_collections.openimaging.orthanc.plugins.module_utils.probes.options import read_probes
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.client import Request
from ansible_collections.openimaging.orthanc.plugins.module_utils.tls.context import TlsSettings
from ansible_collections.openimaging.orthanc.plugins.module_utils.x509.pem import Block, KeyEntry, Source
from ansible_collections.openimaging.orthanc.plugins.modules.certificate import ARGUMENT_SPEC
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.new_authority import AuthorityOrder
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.ca.states import StateRequest
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.clients.files import Holding, Passphrases
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.node import Credentials
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.peers import Peer
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.local import local_order

SECRET = "s3cret"
USERS = {"orthanc_config": {"RegisteredUsers": {"alice": SECRET}}}
ORDER = AuthorityOrder("CA", "ecdsa-p256", timedelta(days=1), False, None)
PROBE = {"name": "x", "url": "http://a/", "username": "u", "password": SECRET, "body": SECRET, "headers": {"K": SECRET}}


def holding() -> Holding:
    one = made("jane")
    return Holding(SECRET.encode(), one.key, one.certificate, ())


def ordered() -> Any:
    options = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
    own = {"path": "/etc/orthanc/tls", "common_name": "a", "ca_path": "/nowhere", "ca_passphrase": SECRET}
    return local_order({**options, **own}, "a", check_mode=True)


HOLDERS: dict[str, Any] = {
    "user": Credentials("alice", SECRET),
    "node": Fleet({"a": USERS}, {"orthanc": ["a"]}).node("a"),
    "peer": Peer("b", None, {"Password": SECRET}, None),
    "key's passphrase": Passphrases(key=SECRET),
    "PKCS#12's passphrase": Passphrases(pkcs12=SECRET),
    "client's key": holding(),
    "CA's passphrase": StateRequest("present", ORDER, SECRET),
    "CA's passphrase in an order": ordered(),
    "client certificate of a probe": TlsSettings("1.2", "1.3", certificate=SECRET),
    "headers": Request("GET", "/", {"Authorization": SECRET}),
    "body": Request("GET", "/", {}, SECRET.encode()),
    "probe": read_probes([PROBE]),
    "PEM of an option": BundleSpec("/x.pem", [SECRET]),
    "PEM": Source("key.pem", SECRET.encode()),
    "PEM block": Block("PRIVATE KEY", SECRET.encode(), "key.pem"),
    "PEM key": KeyEntry("key.pem", SECRET.encode(), made("x").key),
    "bundle": Present(SECRET.encode(), FileOwnership(0, 0, 0o600)),
    "file": SeenFile(FileState(FILE), SECRET.encode(), 0),
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
def test_an_object_is_printed_without_its_secret(holder: Any) -> None:
    assert SECRET not in repr(holder) and SECRET not in str(holder)
