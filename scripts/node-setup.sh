#!/usr/bin/env bash
# Installs the console's packages exactly as its lock file names them.
set -euo pipefail
if ! command -v node >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; then
  echo "The console needs Node 20 or newer (found: $(node --version 2>/dev/null || echo none))." >&2
  exit 1
fi
echo "==> installing the console's packages"
cd "$1" && npm ci --silent --no-audit --no-fund
