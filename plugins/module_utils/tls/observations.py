# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a server, in plain words, and which of it a server's own refusal is (standard library only)."""

from __future__ import annotations

import enum
import errno
import http.client
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Any

# RFC 8446, section 6, without those that say nothing about a refusal.
ALERTS = {
    "access_denied": "the server denies access",
    "bad_certificate": "the server does not accept the client certificate",
    "certificate_expired": "to the server the client certificate has expired",
    "certificate_required": "the server demands a client certificate",
    "certificate_revoked": "to the server the client certificate is revoked",
    "certificate_unknown": "the server does not accept the client certificate",
    "decrypt_error": "a signature does not verify to the server",
    "handshake_failure": "no common parameters, or in TLS 1.2 a client certificate is missing",
    "inappropriate_fallback": "the server speaks a newer TLS version",
    "insufficient_security": "too weak for the server",
    "internal_error": "the server has no more to say",
    "no_application_protocol": "no common application protocol",
    "protocol_version": "the server refuses this TLS version",
    "unknown_ca": "the server does not know the CA of the client certificate",
    "unrecognized_name": "the server does not know this host name",
    "unsupported_certificate": "the server does not accept this kind of client certificate",
}
_ALERT_REASON = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_ALERT_([A-Z_]+)$")
_ALERT_TEXT = re.compile(r"(?:sslv3|tlsv1|tlsv13|ssl/tls) alert ([a-z ]+)")
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")
_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH)
_TLS_ALERT_RECORD = "\x15\x03"
# OpenSSL's X509_V_ERR_…
_VERIFY = {
    9: "the server's certificate is not valid yet",
    10: "the server's certificate, or one above it, has expired",
    18: "the server's certificate is not trusted (self-signed)",
    19: "the server's certificate is not trusted (its CA is not among the trusted ones)",
    20: "the server's certificate is not trusted (its CA is not among the trusted ones)",
    21: "the server's certificate is not trusted (its CA is not among the trusted ones)",
    62: "the server's certificate is for another host name",
    64: "the server's certificate is for another address",
}


class Kind(enum.Enum):
    """What an observation can prove."""

    ANSWERED = "an HTTP answer"
    ALERT = "a TLS alert of the server"
    UNANSWERED = "the server took the connection and ended it without an HTTP answer"
    UNREACHED = "no connection was made: refused, unanswered, or without a route"
    FAILED = "anything else: it proves nothing about what the server accepts"
    IMPOSSIBLE = "this client cannot make the probe"


class Stage(enum.Enum):
    """How far a probe has come."""

    CONNECTING = "while connecting"
    HANDSHAKE = "in the TLS handshake"
    ANSWER = "after the connection was made"


@dataclass(frozen=True)
class Observation:
    """What was seen. C(text) is for people, C(error) the library's or the system's own words.

    C(detail) is what an HTTP answer says about itself, C(json) its decoded body.
    """

    kind: Kind
    text: str
    error: str | None = None
    alert: str | None = None
    status: int | None = None
    detail: str | None = None
    json: Any = None
    tls_version: str | None = None
    fingerprint_sha256: str | None = None


def failure(error: Exception, stage: Stage, where: str, timeout: float) -> Observation:
    """Tell what an exception means. C(where) is the dialled host and port, C(timeout) in seconds."""
    kind, text, alert = _meaning(error, stage, where, timeout)
    return Observation(kind, text, error=_own_words(error), alert=alert)


def _meaning(error: Exception, stage: Stage, where: str, timeout: float) -> tuple[Kind, str, str | None]:
    if isinstance(error, TimeoutError):
        kind = Kind.UNREACHED if stage is Stage.CONNECTING else Kind.FAILED
        return kind, f"no answer from {where} within {timeout:g} s {stage.value}", None
    # A reset that comes while connecting follows a connection that was made: to a closed port it is a refusal.
    if stage is Stage.CONNECTING and not isinstance(error, ConnectionResetError):
        return _no_connection(error), _unconnected(error, where), None
    if isinstance(error, ssl.SSLCertVerificationError):
        return Kind.FAILED, _VERIFY.get(error.verify_code) or _untrusted(error), None
    alert = _alert(error)
    if alert is not None:
        return Kind.ALERT, alert_text(alert), alert
    if _ended(error):
        return Kind.UNANSWERED, _ending(error, stage), None
    if isinstance(error, ssl.SSLError):
        return Kind.FAILED, _tls_trouble(error), None
    return _not_http(error)


def alert_text(alert: str) -> str:
    """Name a TLS alert and say what it means."""
    meaning = ALERTS.get(alert)
    return f"TLS alert {alert}" + (f" ({meaning})" if meaning else "")


def _no_connection(error: Exception) -> Kind:
    """A name that does not resolve, or a fault on this side, says nothing about who is let in."""
    unreached = isinstance(error, ConnectionRefusedError) or getattr(error, "errno", None) in _NO_ROUTE
    return Kind.UNREACHED if unreached else Kind.FAILED


def _unconnected(error: Exception, where: str) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"connection refused: nothing listens on {where}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"the name in {where} cannot be resolved"
    if getattr(error, "errno", None) in _NO_ROUTE:
        return f"no route to {where}"
    return f"cannot connect to {where}: {_own_words(error)}"


def _untrusted(error: ssl.SSLCertVerificationError) -> str:
    return f"the server's certificate is not trusted ({error.verify_message})"


def _alert(error: Exception) -> str | None:
    """Name the alert as RFC 8446 does; newer OpenSSL versions than Python knows have the text only."""
    if not isinstance(error, ssl.SSLError):
        return None
    if error.reason == "TLSV1_UNRECOGNIZED_NAME":
        return "unrecognized_name"
    found = _ALERT_REASON.match(error.reason or "") or _ALERT_TEXT.search(str(error))
    return found.group(1).strip().lower().replace(" ", "_") if found else None


def _ended(error: Exception) -> bool:
    # A socket that was reset at once is "not connected" to the ssl module.
    not_connected = getattr(error, "errno", None) == errno.ENOTCONN
    return not_connected or isinstance(error, (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError))


def _ending(error: Exception, stage: Stage) -> str:
    closed = isinstance(error, (http.client.RemoteDisconnected, ssl.SSLError))
    when = "in the TLS handshake" if stage is Stage.HANDSHAKE else "without an answer"
    return f"connection {'closed' if closed else 'reset'} {when}"


def _tls_trouble(error: ssl.SSLError) -> str:
    if error.reason in _NOT_TLS:
        return "the port does not speak TLS"
    if error.reason in ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW"):
        return "the server wants a TLS version that this probe does not offer"
    return f"the TLS handshake failed on this side ({_own_words(error)})"


def _not_http(error: Exception) -> tuple[Kind, str, str | None]:
    if isinstance(error, http.client.BadStatusLine) and str(error).startswith(_TLS_ALERT_RECORD):
        return Kind.UNANSWERED, "no HTTP answer, but bytes of a TLS alert", None
    if isinstance(error, http.client.IncompleteRead):
        return Kind.FAILED, "the HTTP answer broke off", None
    return Kind.FAILED, "the answer is not HTTP", None


def _own_words(error: Exception) -> str:
    reason = getattr(error, "verify_message", None) or getattr(error, "reason", None)
    return str(reason or getattr(error, "strerror", None) or error or type(error).__name__)
