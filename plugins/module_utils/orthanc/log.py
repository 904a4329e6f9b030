# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the last words of an Orthanc that does not serve really mean.

The texts were seen on Orthanc 1.10.1 and 1.12.7; several of them name the wrong cause.
"""

from __future__ import annotations

import re

_EXPLANATIONS = (
    (
        r"TCP port of the HTTP server is privileged or already in use",
        "another program holds the HTTP port, or the port is below 1024, or Orthanc could not use its certificate "
        "files (it says the same for a key that does not match its certificate and for an empty list of client CAs); "
        "'ss -ltnp' on the node shows who holds the port",
    ),
    (
        r"TCP port of the DICOM server is privileged or already in use",
        "another program holds the DICOM port (orthanc_dicom_port); 'ss -ltnp' on the node shows which",
    ),
    (
        r"Cannot initialize SSL encryption",
        "a certificate file is missing, is not readable for the user orthanc, or is no PEM with an unencrypted key",
    ),
    (
        r"Unable to open the database",
        "the folder IndexDirectory cannot be written by the user orthanc, or its disk is full",
    ),
    (r"Bad type for a parameter", "a value in orthanc_config has another type than Orthanc expects"),
    (r"is defined in 2 different configuration files", "a second *.json lies in Orthanc's configuration folder"),
    (r"Inexistent path to plugin", "a plugin named in orthanc_config.Plugins is not installed"),
    (r"Inexistent file", "a file that the configuration names is not there, or not readable for the user orthanc"),
    (r"does not point to a regular file", "orthanc_config names a file that is not there, or is a folder"),
    (
        r"names of modalities/peers",
        "Orthanc takes letters, digits, '_' and '-' only in the names of peers and modalities",
    ),
    (r"Bad file format|Parameter out of range", "a value in orthanc_config is none that Orthanc takes"),
)
_ERROR = re.compile(r"^E\d+ [\d:.]+ +(?:[^\]\[]*\] )?(.*)$", re.MULTILINE)
_AFTERMATH = "INTERNAL ERROR: "
"""What Orthanc logs on its way out, of itself and of no interest to anybody else."""

_SHOWN = 3


def explain(log: str) -> str:
    """The reason that Orthanc logged, and one plain sentence for it (the end of its log, most recent line last)."""
    errors = [text for text in dict.fromkeys(_ERROR.findall(log)) if not text.startswith(_AFTERMATH)]
    if not errors:
        return (
            "Orthanc logged no error, so it was ended from outside, crashed, or hangs; 'systemctl status orthanc' and "
            "'journalctl -u orthanc' on the node show which."
        )
    reason = f"The reason that Orthanc logged: {' | '.join(errors[-_SHOWN:])}"
    meanings = [explanation for pattern, explanation in _EXPLANATIONS if re.search(pattern, log)]
    return f"{reason}\nWhat that means: {meanings[0]}." if meanings else reason
