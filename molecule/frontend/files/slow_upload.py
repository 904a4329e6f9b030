# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload a file to this node's front-end, so slowly that it ends only once Orthanc's new settings are on disk.

Usage: slow_upload.py NAME FILE TEXT. NAME is the node's, TEXT is what the new settings hold. It prints the HTTP
status or the error, and when that came, in seconds since 1970.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import time
from pathlib import Path

IDENTITY = Path("/etc/orthanc/tls/current")
SETTINGS = Path("/etc/orthanc/managed/orthanc.json")
LONGEST = 1200  # seconds; then it sends what is left, so that a run that changes nothing ends the test as well
AFTER = 90  # seconds, in which a run comes to its restart and waits, or does not


def main() -> None:
    """Send a byte each second, which nginx takes for a client that is alive, and then all of the rest."""
    name, file, text = sys.argv[1:]
    body = Path(file).read_bytes()
    trust = ssl.create_default_context(cafile=str(IDENTITY / "server-trust.pem"))
    trust.load_cert_chain(IDENTITY / "server.pem")
    connection = http.client.HTTPSConnection(name, context=trust)
    connection.putrequest("POST", "/instances")
    connection.putheader("Content-Type", "application/dicom")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    try:
        sent, end = 0, time.monotonic() + LONGEST
        while time.monotonic() < end:
            connection.send(body[sent : sent + 1])
            sent += 1
            time.sleep(1)
            if text in SETTINGS.read_text():
                end = min(end, time.monotonic() + AFTER)
        connection.send(body[sent:])
        answer: int | str = connection.getresponse().status
    except OSError as error:
        answer = str(error)
    print(json.dumps({"answer": answer, "ended": time.time()}))


if __name__ == "__main__":
    main()
