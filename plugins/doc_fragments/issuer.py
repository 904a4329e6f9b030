# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who issues a node's certificate, and what each issuer needs."""

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation by name."""

    DOCUMENTATION = r"""
options:
  issuer:
    description:
      - Who issues the certificate. V(local) is the CA folder on the control node, V(selfsigned) the node itself.
      - With V(command) a program of yours on the control node passes the request on to any other CA, see
        O(issuer_command).
      - With V(offline) requests lie in a folder on the control node for a colleague to have them signed, see
        O(issuer_folder).
    type: str
    default: local
  issuer_ca_certificates:
    description:
      - PEM text of the roots of a CA that is not the collection's, and of intermediates that it does not hand out. The
        node trusts these roots, as clients and as servers, and no certificate is installed whose chain does not end in
        one of them. With O(issuer=command) and O(issuer=offline) at least one root is required.
    type: list
    elements: str
    default: []
  issuer_command:
    description:
      - A program on the control node and its arguments, without a shell. It gets the signing request as PEM on its
        standard input, and the order in the environment variables C(ORDER_ID) (SHA-256 of the public key),
        C(ORDER_HOST), C(ORDER_COMMON_NAME), C(ORDER_NAMES), C(ORDER_USAGES), C(ORDER_KEY_TYPE) and
        C(ORDER_LIFETIME_SECONDS).
      - It prints the certificate and its intermediates, and ends with status 0. With status 75 there is no certificate
        yet. Then the node keeps what it has, and the next run asks again with the same C(ORDER_ID). Any other status is
        an error with what the program wrote to its standard error, without secrets.
      - Only for O(issuer=command).
    type: list
    elements: str
    default: []
  issuer_timeout:
    description:
      - How many seconds the program may take. Only for O(issuer=command).
    type: int
    default: 120
  issuer_folder:
    description:
      - Absolute path of a folder on the control node, which is made if its parent exists. In C(requests) is a signing
        request for each host that waits, and the list C(orders.txt). A later run takes the certificate from the folder
        C(answers), by its key, whatever its file is called, in PEM, DER or PKCS#7.
      - Required with O(issuer=offline), and only for it.
    type: str
  activate:
    description:
      - Whether a new certificate goes live. Only for O(issuer=selfsigned).
      - With V(false) a renewal is prepared beside the live certificate, as the link C(waiting), and what is live stays.
        Once everybody who must trust it has both, V(true) activates it.
      - What nobody accepts anyway (nothing, something damaged or expired) is replaced at once.
    type: bool
    default: true
  pinned_clients:
    description:
      - Inventory names of hosts that come as clients. The node trusts itself and exactly these, by what is kept of
        them. Only for O(issuer=selfsigned).
    type: list
    elements: str
    default: []
  pinned_servers:
    description:
      - Inventory names of hosts that the node calls. Only for O(issuer=selfsigned).
    type: list
    elements: str
    default: []
"""
