# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations as people have them are taken over as a whole, and the role takes what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from configured_by_hand import adopted_text, converged, found

VIEWER = """{
  "Name": "${SITE_NAME} in the basement",
  "StorageDirectory": "/var/lib/orthanc/db-v6",
  "StorageCompression": true,
  "HttpCorsEnabled": true,
  "HttpAccessControlAllowOrigin": "*",
  "DicomAssociationTimeout": 30,
  "HttpCacheSize": 128,
  "LogLevel": "default",
  "RemoteAccessAllowed": true,
  "AuthenticationEnabled": true,
  "RegisteredUsers": { "orthanc": "orthanc", "admin": "a$b${c}d\\"e", "ohif": 123456 },
  "DicomWeb": {
    "Enable": true, "Root": "/dicom-web/", "Host": "0.0.0.0", "Port": 8042, "Ssl": false,
    "StudiesMetadata": "MainDicomTags"
  },
  "DicomModalities": {
    "ct": ["CT1", "192.0.2.75", 104],
    "mr": { "AET": "MR1", "Host": "192.0.2.76", "Port": "11112", "Manufacturer": "GE", "UseDicomTls": false }
  },
  "Plugins": ["/usr/share/orthanc/plugins", "/usr/local/share/orthanc/plugins"]
}
"""

OLD = """{
  /** A whole file as "Orthanc --config" wrote it years ago, with a few lines changed **/
  "Name" : "WARD",
  "StorageDirectory" : "OrthancStorage",
  "IndexDirectory" : "OrthancStorage",
  "StorageCompression" : false,
  "LuaScripts" : [ ],
  "Plugins" : [ ],
  "LimitJobs" : 10,
  "HttpServerEnabled" : true,
  "HttpDescribeErrors" : true,
  "SslEnabled" : false,
  "SslCertificate" : "certificate.pem",
  "RemoteAccessAllowed" : true,
  "RegisteredUsers" : { },
  "DicomModalities" : { "sample" : [ "STORESCP", "127.0.0.1", 2000 ] },
  "OrthancPeers" : { },
  "HttpProxy" : "",
  "HttpsVerifyPeers" : true,
  "HttpsCACertificates" : "",
  "StrictAetComparison" : false,
  "DefaultEncoding" : "Latin1",
  "Dictionary" : { "0014,1020" : [ "DA", "ValidationExpiryDate", 1, 1 ] },
}
"""

PORT_104 = """{
  /** General configuration **/
  "Name" : "DOSE",
  "StorageDirectory" : "/var/lib/orthanc/db-v6/",
  "LuaScripts" : [
  "/var/dose/orthanc/dose_config.lua"
  ],
  "Plugins" : [ "../Plugins/" ],
  "DicomAet" : "DOSE01",
  "DicomPort" : 104,
  "DefaultEncoding" : "Latin1",
  "DicomScpTimeout" : 60,
  "LimitJobs" : 10,
  "AllowFindSopClassesInStudy" : false,
  "RemoteAccessAllowed" : true,
  "SslEnabled" : false,
  "SslCertificate" : "certificate.pem",
  "AuthenticationEnabled" : false,
  "RegisteredUsers" : {
    // "reader" : "theirPassword"
  },
  "DicomModalities" : { "SELF" : [ "DOSE01", "127.0.0.1", 104 ] }
}
"""


def test_an_orthanc_behind_a_viewer_of_another_origin_is_taken_over(tmp_path: Path) -> None:
    adoption = adopted_text(tmp_path, VIEWER)
    values = {tuple(secret["path"]): secret["value"] for secret in found(tmp_path, VIEWER, secrets=True)["secrets"]}
    assert values[("RegisteredUsers", "admin")] == 'a$bd"e'
    assert values[("RegisteredUsers", "ohif")] == "123456"
    unchecked = [
        "DicomAssociationTimeout",
        "HttpAccessControlAllowOrigin",
        "HttpCacheSize",
        "HttpCorsEnabled",
        "LogLevel",
    ]
    assert adoption.variables["orthanc_unchecked_keys"] == unchecked
    settings = converged(adoption)
    expected: dict[str, Any] = {"Name": " in the basement", "HttpAccessControlAllowOrigin": "*", "LogLevel": "default"}
    assert {key: settings[key] for key in expected} == expected
    assert settings["DicomModalities"]["mr"]["Port"] == "11112"
    assert settings["DicomWeb"]["Host"] == "" and settings["DicomWeb"]["StudiesMetadata"] == "MainDicomTags"
    assert settings["Plugins"] == ["/usr/share/orthanc/plugins", "/usr/local/share/orthanc/plugins"]


def test_a_whole_file_of_an_old_release_is_taken_over(tmp_path: Path) -> None:
    adoption = adopted_text(tmp_path, OLD)
    assert adoption.variables["orthanc_unchecked_keys"] == ["LimitJobs"]
    settings = converged(adoption)
    assert settings["StorageDirectory"] == settings["IndexDirectory"] == str(tmp_path / "OrthancStorage")
    assert (settings["Name"], settings["Plugins"], settings["LimitJobs"]) == ("WARD", [], 10)
    assert settings["DicomModalities"] == {"sample": ["STORESCP", "127.0.0.1", 2000]}
    assert "SslCertificate" not in settings and not adoption.replaces_certificate


def test_an_orthanc_on_dicoms_own_port_keeps_it_and_its_relative_folder_of_plugins(tmp_path: Path) -> None:
    adoption = adopted_text(tmp_path, PORT_104)
    assert (adoption.variables["orthanc_dicom_port"], adoption.variables["orthanc_dicom_aet"]) == (104, "DOSE01")
    assert adoption.variables["orthanc_unchecked_keys"] == ["AllowFindSopClassesInStudy", "LimitJobs"]
    settings = converged(adoption)
    assert (settings["DicomPort"], settings["DicomAet"], settings["DicomScpTimeout"]) == (104, "DOSE01", 60)
    assert settings["StorageDirectory"] == settings["IndexDirectory"] == "/var/lib/orthanc/db-v6"
    (plugins,) = settings["Plugins"]
    assert Path(plugins).resolve() == tmp_path.parent / "Plugins", "as it was, seen from the file that said it"
    assert settings["LuaScripts"] == ["/var/dose/orthanc/dose_config.lua"]
    assert settings["DicomModalities"] == {"SELF": ["DOSE01", "127.0.0.1", 104]}
    assert (settings["AuthenticationEnabled"], settings["RegisteredUsers"]) == (False, {})
    assert "SslCertificate" not in settings and not adoption.replaces_certificate
    assert any("may do everything today, without a password" in notice for notice in adoption.notices)
