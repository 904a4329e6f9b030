# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret of a plugin is in the file with the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from configured_by_hand import adopted, found

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.host_vars import host_vars_text
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.adoption.secrets import vault_variables

CONNECTION = "DefaultEndpointsProtocol=https;AccountName=ward;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=example.net"


def test_a_key_inside_a_connection_string_stands_in_the_vault_alone(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, AzureBlobStorage={"ConnectionString": CONNECTION, "ContainerName": "images"})
    text = host_vars_text("for people", adoption.variables)
    assert "c2VjcmV0LWtleQ" not in text
    name = "vault_orthanc_azureblobstorage_connectionstring"
    expected = {"ConnectionString": f"{{{{ {name} }}}}", "ContainerName": "images"}
    assert yaml.safe_load(text)["orthanc_config"]["AzureBlobStorage"] == expected
    values = found(tmp_path, (tmp_path / "orthanc.json").read_text(), secrets=True)["secrets"]
    assert vault_variables(adoption.secrets, values) == {name: CONNECTION}


def test_a_pin_that_is_a_number_stays_one(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, Pkcs11={"Pin": 1234})
    values = found(tmp_path, '{"Pkcs11": {"Pin": 1234}}', secrets=True)["secrets"]
    assert yaml.safe_load(host_vars_text("x", vault_variables(adoption.secrets, values))) == {
        "vault_orthanc_pkcs11_pin": 1234
    }


def test_a_secret_that_is_gone_when_it_is_read_is_an_error_that_names_its_place(tmp_path: Path) -> None:
    adoption = adopted(tmp_path, RegisteredUsers={"jane": "x"})
    with pytest.raises(OrthancTlsError, match=r"no RegisteredUsers\.jane any more.*Run adopt\.yml again"):
        vault_variables(adoption.secrets, [])
