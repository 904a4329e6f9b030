# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every module runs: the one place where an error of the logic becomes the failure of a task."""

from __future__ import annotations

import importlib
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.openimaging.orthanc.plugins.module_utils.errors import OrthancTlsError

Options = Mapping[str, Any]


def run(
    module: AnsibleModule,
    work: Callable[[Options], dict[str, Any]],
    *,
    absolute: Sequence[str] = ("path",),
    requires: Sequence[str] = (),
) -> None:
    """Do a module's work on its options, and end the module.

    C(absolute) names the options that hold paths, C(requires) the Python libraries without which nothing can be done.
    A result has not changed anything unless it says so. With C(failed) it fails the task; C(warnings) in it are shown.
    """
    try:
        _check_absolute(module.params, absolute)
        for library in requires:
            importlib.import_module(library)
        result = {"changed": False, **work(module.params)}
    except OrthancTlsError as error:
        module.fail_json(msg=str(error))
    except ImportError as error:
        library = (error.name or str(error)).partition(".")[0]
        module.fail_json(msg=missing_required_lib(library), exception=traceback.format_exc())
    except OSError as error:
        where = error.filename or module.params.get("path")
        reason = error.strerror or str(error)
        module.fail_json(msg=f"{where}: {reason}." if where else f"{reason}.")
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def only_on_control_node(module: AnsibleModule) -> None:
    """End a module whose action plugin does all of its work."""
    module.fail_json(msg="The action plugin of this module does its work on the control node; call it from a task.")


def _check_absolute(options: Options, names: Sequence[str]) -> None:
    for name in names:
        for path in _paths(options.get(name)):
            if not os.path.isabs(path):
                raise OrthancTlsError(f"{name} is {path!r}, which is relative; write an absolute path.")


def _paths(value: str | Sequence[str] | None) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        yield from value or ()
