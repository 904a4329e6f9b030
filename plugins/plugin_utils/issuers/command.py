# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issuer C(command): a program on the control node gets the CSR, and prints the certificate or says "not yet"."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.answer_forms import certificates_in
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.external import CaRequest, external_order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.order import NotYetSigned, Order
from ansible_collections.openimaging.orthanc.plugins.plugin_utils.issuers.program import Ended, run_program

if TYPE_CHECKING:
    from cryptography import x509

NOT_YET = os.EX_TEMPFAIL
_COMMAND = "orthanc_issuer_command"


def command_order(options: Mapping[str, Any], host: str, *, check_mode: bool) -> Order:
    """Resolve a task's options for a host."""
    command = [str(argument) for argument in options["issuer_command"]]
    deadline = timedelta(seconds=options["issuer_timeout"])
    if not command:
        raise OrthancTlsError(
            f"{host}: {_COMMAND} is empty; expected is a list with the program that passes a request on to the CA, and "
            "its arguments."
        )

    def answer(asked: CaRequest) -> Sequence[x509.Certificate] | NotYetSigned:
        ended = run_program(command, asked.csr, {**os.environ, **order_environment(asked)}, deadline)
        return _read(host, command[0], ended)

    def try_out() -> None:
        if shutil.which(command[0]) is None:
            raise OrthancTlsError(
                f"{host}: {_COMMAND} begins with {command[0]!r}, which is no program that can be run on the control "
                "node; install it, correct its mode, or write its absolute path."
            )

    return external_order(options, host, f"what {command[0]} printed", answer, try_out)


def order_environment(asked: CaRequest) -> dict[str, str]:
    """Return what the program is told beside the CSR."""
    return {
        "ORDER_ID": asked.order_id,
        "ORDER_HOST": asked.host,
        "ORDER_COMMON_NAME": asked.leaf.common_name or "",
        "ORDER_NAMES": " ".join(asked.leaf.names),
        "ORDER_USAGES": " ".join(asked.leaf.extended_key_usage),
        "ORDER_KEY_TYPE": asked.leaf.key_type,
        "ORDER_LIFETIME_SECONDS": str(int(asked.lifetime.total_seconds())),
    }


def _read(host: str, program: str, ended: Ended) -> Sequence[x509.Certificate] | NotYetSigned:
    if ended.failure is not None:
        raise _failed(host, program, ended.failure, ended)
    if ended.status == NOT_YET:
        return NotYetSigned(ended.words or program)
    if ended.status != 0:
        ending = f"was ended by signal {-ended.status}" if ended.status < 0 else f"ended with status {ended.status}"
        raise _failed(host, program, ending, ended)
    try:
        return certificates_in(ended.output)
    except OrthancTlsError as error:
        raise OrthancTlsError(f"{host}: what {program} printed {error} {_said(ended)}") from error


def _failed(host: str, program: str, how: str, ended: Ended) -> OrthancTlsError:
    return OrthancTlsError(f"{host}: {program} {how}. {_said(ended)} Nothing was changed; the next run asks it again.")


def _said(ended: Ended) -> str:
    return f"It said: {ended.words.rstrip('.')}." if ended.words else "It said nothing."
