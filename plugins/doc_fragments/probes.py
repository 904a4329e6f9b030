# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a probe is written."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options:
  probes:
    description:
      - What to try. Probes that expect an answer run first, side by side, then those that expect a refusal, then the
        controls of these once more. A control is therefore asked twice.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the probe in the table. It must be unique in the call.
        type: str
        required: true
      url:
        description:
          - What to ask, as V(https://host:port/path) or V(http://host:port/path), without user and password.
          - Its host name is sent to the server (SNI and C(Host) header) and is what the server's certificate is
            checked against.
        type: str
        required: true
      connect_to:
        description:
          - Host name or address to connect to instead of the URL's host, such as V(127.0.0.1) or V(::1).
        type: str
      own_addresses:
        description:
          - Whether to connect to each address of the host on which the module runs, instead of the URL's host. Each is
            a probe of its own, and its address is added to its name.
          - The loopback's addresses and those of IPv6 that need an interface (C(fe80::/10)) are left out.
        type: bool
        default: false
      method:
        description:
          - HTTP method.
        type: str
        default: GET
      body:
        description:
          - Body of the request, sent in UTF-8.
        type: str
      headers:
        description:
          - Headers to send, by name. They are not hidden in logs, so a secret does not belong here.
        type: dict
      username:
        description:
          - User for HTTP basic authentication (RFC 7617).
        type: str
      password:
        description:
          - Password of O(probes[].username).
        type: str
      certificate:
        description:
          - Client certificate to present. It is an absolute path on the host, or PEM text.
          - It holds an unencrypted key, the certificate that belongs to it, and its intermediates in their order.
          - PEM text is never written to a disk on Linux.
        type: str
      forge:
        description:
          - V(unknown_ca) presents a client certificate of a CA that is made up on the spot. It is right in everything
            but its issuer.
          - V(system_ca) presents one in the name of a CA of the system's own store, with a wrong signature. A server
            that trusts that CA answers V(decrypt_error), any other one V(unknown_ca). Where there is no such CA, it is
            as V(unknown_ca).
          - V(self_signed) presents one that is its own issuer.
        type: str
        choices: [unknown_ca, system_ca, self_signed]
      forge_except:
        description:
          - CAs that the server is told to trust, in whose names O(probes[].forge=system_ca) forges nothing. It is an
            absolute path on the host, or PEM text.
        type: str
      ca_certificates:
        description:
          - What the server's certificate is checked against. It is an absolute path on the host, or PEM text.
          - The default is the system's own store.
        type: str
      check_hostname:
        description:
          - Whether the server's certificate must be for the URL's host.
        type: bool
        default: true
      tls_minimum:
        description:
          - Lowest TLS version to offer. The default is V(1.2), or O(probes[].tls_maximum) where that is lower.
        type: str
        choices: ["1.0", "1.1", "1.2", "1.3"]
      tls_maximum:
        description:
          - Highest TLS version to offer. The default is V(1.3).
        type: str
        choices: ["1.0", "1.1", "1.2", "1.3"]
      expect:
        description:
          - V(answered) expects an HTTP answer with one of O(probes[].status).
          - V(refused) expects that the server takes the connection and then refuses, by a TLS alert, or by ending the
            connection without an HTTP answer (as Orthanc's HTTPS port does with plain HTTP), or in the way that
            O(probes[].status) and O(probes[].alerts) tell.
          - V(no_access) expects that nobody gets anything there. No connection (refused, not answered in time, no
            route) and one that ends without an HTTP answer count, beside what O(probes[].status) and O(probes[].alerts)
            tell.
        type: str
        choices: [answered, refused, no_access]
        default: answered
      status:
        description:
          - HTTP statuses that are expected. For V(answered) the default is any from 200 to 299.
          - For V(refused) they are what a refusal must look like, such as V(400) for nginx's answer to a missing client
            certificate or V(401) for Orthanc's to a missing password.
        type: list
        elements: int
        default: []
      alerts:
        description:
          - TLS alerts that count as the refusal, by their names in RFC 8446. When this or O(probes[].status) is given,
            nothing else counts.
          - An alert that follows a TLS 1.3 handshake can be lost when the server resets the connection at once, which
            then shows as V(connection reset).
          - Whatever is given here, V(certificate_required) never counts for a probe that presents a certificate.
        type: list
        elements: str
        default: []
        choices:
          - access_denied
          - bad_certificate
          - certificate_expired
          - certificate_required
          - certificate_revoked
          - certificate_unknown
          - decrypt_error
          - handshake_failure
          - inappropriate_fallback
          - insufficient_security
          - internal_error
          - no_application_protocol
          - protocol_version
          - unknown_ca
          - unrecognized_name
          - unsupported_certificate
      fingerprint_sha256:
        description:
          - SHA-256 of the certificate that the server must serve, in hexadecimal digits, with or without colons. Only
            for V(answered).
        type: str
      control:
        description:
          - Name of the probe that must be answered for this refusal to count. Required for V(refused) and V(no_access).
          - It must expect V(answered) and have the same URL host, port, and O(probes[].connect_to). For V(no_access)
            the same URL host is enough, as what shows that the service lives answers elsewhere.
        type: str
      required:
        description:
          - Whether the task fails where this is not as expected. V(false) only shows it.
        type: bool
        default: true
      return_json:
        description:
          - Whether to return the decoded body when the answer is JSON of less than 1 MiB. Answers may hold personal
            data.
        type: bool
        default: false
"""
