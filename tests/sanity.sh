#!/usr/bin/env bash
# ansible-test sanity on the copy under .build. Arguments go to it (`tests/sanity.sh --test validate-modules`).
set -euo pipefail
cd "$(dirname "$0")/../.build/ansible_collections/openimaging/orthanc"

# Its virtual environments begin with a script that it downloads to this place, unless one is there:
# Python's own ensurepip does the same with nothing but PyPI.
bootstrap=$HOME/.ansible/test/cache/get_pip_$(python3 - <<'PYTHON'
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages

print(get_venv_packages(SimpleNamespace(version=""))["pip"].replace(".", "_"))
PYTHON
).py
if [ ! -e "$bootstrap" ]; then
    mkdir -p "$(dirname "$bootstrap")"
    cat >"$bootstrap" <<'PYTHON'
import ensurepip
import subprocess
import sys

ensurepip.bootstrap()
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted]))
PYTHON
fi

ansible-test sanity --color "$@"
