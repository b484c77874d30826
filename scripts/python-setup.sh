#!/usr/bin/env bash
# Makes the virtual environment and installs exactly what requirements.lock names.
set -euo pipefail
python=$1 venv=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  for newer in python3.14 python3.13 python3.12 python3.11; do
    command -v "$newer" >/dev/null && python=$newer && break
  done
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "The gateway needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "This Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2
  exit 1
fi
echo "==> installing Python packages into $venv (about a minute)"
"$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
