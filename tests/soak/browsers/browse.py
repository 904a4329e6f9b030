# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a page in Chromium or Firefox as a person does who has imported the CA and, or not, a PKCS#12; say what is seen.

browse.py chromium|firefox URL SCREENSHOT CA [PKCS12]
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PATIENCE = 30  # seconds, for a browser to start

EXPLORER = "Lookup studies"
REFUSAL = re.compile(
    # A server that is not there at all (ERR_CONNECTION_REFUSED) refuses nobody.
    r"net::ERR_(?:BAD_SSL_CLIENT_AUTH_CERT|SSL_[A-Z_]+|SOCKET_NOT_CONNECTED|CONNECTION_(?:CLOSED|RESET))"
    r"|about:neterror\?e=nss\w+|400 No required SSL certificate was sent"
)
"""How a server that wants a certificate looks in Chromium and Firefox, and nginx in either."""


def imported(folder: Path, ca: str, pkcs12: str | None) -> Path:
    """Make a certificate database as docs/clients.md says; the password of the PKCS#12 is empty."""
    folder.mkdir(parents=True)
    database = f"sql:{folder}"
    run("certutil", "-N", "-d", database, "--empty-password")
    run("certutil", "-A", "-d", database, "-t", "C,,", "-n", "Orthanc CA", "-i", ca)
    if pkcs12:
        run("pk12util", "-d", database, "-i", pkcs12, "-W", "")
    return folder


def chromium(url: str, screenshot: str, ca: str, pkcs12: str | None, home: Path) -> str:
    """Return the page's text. Which certificate is presented is a matter of policy, as nobody is there to click."""
    imported(home / ".pki" / "nssdb", ca, pkcs12)
    command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home / 'profile'}"]
    command += ["--window-size=1280,900", "--virtual-time-budget=10000", "--enable-logging=stderr"]
    environment = {**os.environ, "HOME": str(home)}
    run(*command, f"--screenshot={screenshot}", url, environment=environment)
    return run(*command, "--dump-dom", url, environment=environment)


def firefox(url: str, screenshot: str, ca: str, pkcs12: str | None, home: Path) -> str:
    """Return the page's text, or the address of the page that says why there is none."""
    profile = imported(home / "profile", ca, pkcs12)
    (profile / "user.js").write_text('user_pref("security.default_personal_cert", "Select Automatically");\n')
    command = ["firefox-esr", "--headless", "--marionette", "--profile", str(profile), "--window-size=1280,900"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(home)}
    ) as browser:
        try:
            marionette = Marionette()
            marionette.call("WebDriver:NewSession", {})
            refusal = marionette.call("WebDriver:Navigate", {"url": url})
            time.sleep(5)
            Path(screenshot).write_bytes(base64.b64decode(marionette.call("WebDriver:TakeScreenshot", {})["value"]))
            return str(refusal.get("message") or marionette.call("WebDriver:GetPageSource", {})["value"])
        finally:
            browser.terminate()


class Marionette:
    """Firefox's own remote control: JSON after its length, over TCP."""

    def __init__(self) -> None:
        self._connection = connected(2828)
        self._stream = self._connection.makefile("rb")
        self._receive()

    def call(self, command: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send one command; return its result, or its error."""
        message = json.dumps([0, 1, command, parameters])
        self._connection.sendall(f"{len(message)}:{message}".encode())
        _kind, _number, error, result = self._receive()
        return dict(error or result or {})

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._stream.read(1)
        return json.loads(self._stream.read(int(length[:-1])))


def connected(port: int) -> socket.socket:
    """Wait until the browser listens."""
    for _second in range(PATIENCE):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            time.sleep(1)
    raise SystemExit(f"Firefox does not listen on port {port}")


def run(*command: str, environment: dict[str, str] | None = None) -> str:
    """Return what a program says; Chromium says on standard error why it shows no page."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    return done.stdout


def seen(page: str) -> str:
    """Say what a person would see."""
    if EXPLORER in page:
        return "opened: Orthanc Explorer"
    refusal = REFUSAL.search(page)
    return f"refused: {refusal[0]}" if refusal else f"neither: {page[-500:]}"


def main() -> None:
    browser, url, screenshot, ca, *pkcs12 = sys.argv[1:]
    open_page = {"chromium": chromium, "firefox": firefox}[browser]
    with tempfile.TemporaryDirectory() as home:
        print(seen(open_page(url, screenshot, ca, pkcs12[0] if pkcs12 else None, Path(home))))


if __name__ == "__main__":
    main()
