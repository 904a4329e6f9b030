# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a plugin's section is a secret unless its key is known to be harmless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.configuration import configuration_of
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.secrets import has_secrets, secret_paths
from ansible_collections.openimaging.orthanc.plugins.module_utils.orthanc.unit import Unit
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.fleet.view import Fleet
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.orthanc.settings import orthanc_settings

ACCOUNT_KEY = "DefaultEndpointsProtocol=https;AccountName=ward;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=example.net"

SECRET: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "a key inside a connection string": (
        {"AzureBlobStorage": {"ConnectionString": ACCOUNT_KEY, "ContainerName": "images"}},
        ("AzureBlobStorage", "ConnectionString"),
    ),
    "a connection string of ODBC": (
        {"Odbc": {"IndexConnectionString": "DSN=index;UID=orthanc;PWD=x", "EnableIndex": True}},
        ("Odbc", "IndexConnectionString"),
    ),
    "a header of a web service": (
        {"Authorization": {"WebServiceRootUrl": "http://127.0.0.1:8000/", "Extra": {"Authorization": "Basic dTpw"}}},
        ("Authorization", "Extra", "Authorization"),
    ),
    "a key that no list knows": ({"MyPlugin": {"Code": "open sesame"}}, ("MyPlugin", "Code")),
    "a plugin's key beside the sections": ({"MyPluginCode": "open sesame"}, ("MyPluginCode",)),
    "text in a list": ({"MyPlugin": {"Codes": [1, "open sesame"]}}, ("MyPlugin", "Codes", 1)),
    "a property of a peer": (
        {"OrthancPeers": {"b": {"Url": "https://b/", "ApiKey": "x"}}},
        ("OrthancPeers", "b", "ApiKey"),
    ),
    "a proxy's password": ({"HttpProxy": "jane:x@192.0.2.1:3128"}, ("HttpProxy",)),
    "a user in a URL": ({"Tcia": {"Url": "https://a-token@tcia.example.net/"}}, ("Tcia", "Url")),
    "a signature in a URL": (
        {"OHIF": {"DataSource": "https://x.example.net/?sv=1&sig=abc"}},
        ("OHIF", "DataSource"),
    ),
    "a passphrase": (
        {"GoogleCloudStorage": {"BucketName": {"Passphrase": "x"}}},
        ("GoogleCloudStorage", "BucketName", "Passphrase"),
    ),
    "a number under a telling name": ({"Pkcs11": {"Pin": 1234}}, ("Pkcs11", "Pin")),
}


@pytest.mark.parametrize(("settings", "path"), SECRET.values(), ids=SECRET)
def test_it_is_told_by_its_place_and_by_nothing_else(settings: dict[str, Any], path: tuple[Any, ...]) -> None:
    assert secret_paths(settings) == [path]
    assert has_secrets(settings)


HARMLESS: dict[str, dict[str, Any]] = {
    "a database without a password": {
        "PostgreSQL": {"EnableIndex": True, "Host": "localhost", "Port": 5432, "Database": "orthanc", "Username": "o"}
    },
    "buckets": {"AwsS3Storage": {"BucketName": "images", "Region": "eu-west-1"}, "GoogleCloudStorage": {}},
    "a switch with a telling name": {"Authorization": {"TokenRequired": True}},
    "DICOMweb": {
        "DicomWeb": {
            "Root": "/dicom-web/",
            "Host": "",
            "StudiesMetadata": "Full",
            "Servers": {"a": {"Url": "https://a/dicom-web/", "Username": "u", "HasDelete": False}, "b": ["https://b/"]},
        }
    },
    "a user interface": {"OrthancExplorer2": {"UiOptions": {"EnableShares": True, "DefaultLanguage": "en"}}},
    "folders": {"ServeFolders": {"/files": "/srv/files"}, "Worklists": {"Database": "/srv/worklists"}},
    "scripts": {"PythonScript": "/etc/orthanc/auth.py", "Python": {"Path": "/etc/orthanc/auth.py"}},
    "Orthanc's own": {"Name": "x", "Plugins": ["/usr/lib"], "DicomModalities": {"c": ["AET", "host", 104]}},
}


@pytest.mark.parametrize("settings", HARMLESS.values(), ids=HARMLESS)
def test_what_is_known_to_be_harmless_is_shown(settings: dict[str, Any]) -> None:
    assert secret_paths(settings) == []


def test_a_key_inside_a_connection_string_is_not_among_the_settings(tmp_path: Path) -> None:
    settings = {"AzureBlobStorage": {"ConnectionString": ACCOUNT_KEY, "ContainerName": "images", "Threads": 4}}
    (tmp_path / "orthanc.json").write_text(json.dumps(settings))
    unit = Unit(str(tmp_path), {}, ())
    shown = configuration_of(unit, secrets=False)
    assert "AccountKey" not in json.dumps(shown)
    assert shown["settings"]["AzureBlobStorage"] == {"ConnectionString": None, "ContainerName": "images", "Threads": 4}
    assert configuration_of(unit, secrets=True)["secrets"][0]["value"] == ACCOUNT_KEY


def test_a_secret_keeps_its_type(tmp_path: Path) -> None:
    (tmp_path / "orthanc.json").write_text('{"Pkcs11": {"Pin": 1234}, "MyPlugin": {"Token": true}}')
    assert configuration_of(Unit(str(tmp_path), {}, ()), secrets=True)["secrets"] == [
        {"path": ["Pkcs11", "Pin"], "value": 1234}
    ]


@pytest.mark.parametrize("mode", ["frontend", "builtin"])
def test_what_the_role_writes_for_a_fleet_without_passwords_is_shown(mode: str) -> None:
    hosts: dict[str, dict[str, Any]] = {"a": {"orthanc_tls_mode": mode, "orthanc_peers": ["b"]}, "b": {}}
    view = Fleet(hosts, {"orthanc": list(hosts)})
    settings = orthanc_settings(view.node("a"), view.peers("a", "/i/server.pem"), {}, identity="/i", version="1.12.10")
    assert secret_paths(settings) == []
