# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may come into an Orthanc that was set up by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_VARIABLE = {"builtin": "orthanc_client_auth", "frontend": "frontend_client_auth"}
_DEFAULT_USER_GONE = (
    "Authentication is on without RegisteredUsers, so Orthanc lets in orthanc/orthanc today. That user is gone from "
    "now on; give orthanc_config.RegisteredUsers if people come with passwords."
)
_OPEN = (
    "Whoever reaches its port may do everything today, without a password or certificate. From now on it demands a "
    "client certificate of the fleet's CA; give one to each person and device that comes (client_certificate)."
)
_LOCAL_USERS = (
    "RemoteAccessAllowed is off, so only this machine comes in today, such as a web server on it, and with a password. "
    "From now on others come in, with a password and a client certificate of the fleet's CA. Where a password alone is "
    "enough, as for people who come through that web server today, set {variable}: none."
)


@dataclass(frozen=True)
class ClientAuth:
    """The value of the mode's variable, C(None) where the collection's default is right."""

    variable: str
    value: str | None
    authentication_off: bool
    notices: tuple[str, ...]


def client_auth(settings: Mapping[str, Any], mode: str) -> ClientAuth:
    """Let in whoever is let in today, but nobody without certificate and password.

    Without a setting of its own, Orthanc asks for passwords where it answers other hosts.
    """
    remote = bool(settings.get("RemoteAccessAllowed"))
    authentication = bool(settings.get("AuthenticationEnabled", remote))
    users = bool(settings.get("RegisteredUsers"))
    demanded = bool(settings.get("SslEnabled") and settings.get("SslVerifyPeers"))
    notices = [_DEFAULT_USER_GONE] if authentication and remote and not users else []
    value: str | None = None
    if demanded:
        value = "required"
    elif authentication and users and remote:
        value = "none"
    elif authentication and users:
        notices.append(_LOCAL_USERS.format(variable=_VARIABLE[mode]))
    elif remote and not authentication:
        notices.append(_OPEN)
    elif not remote and settings.get("SslEnabled"):
        value = "none"
    return ClientAuth(_VARIABLE[mode], value, users and not authentication, tuple(notices))
