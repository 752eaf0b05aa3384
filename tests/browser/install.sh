#!/usr/bin/env bash
# Installs what the browser tests need: node, npm, curl and Chromium as Debian has them, if they are
# missing and may be installed, and the pinned packages of package.json.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v curl >/dev/null || missing+=(curl)
command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null || missing+=(chromium)
if ((${#missing[@]})); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "the browser tests need ${missing[*]}; on Debian and Ubuntu: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi
# Only when something changed: nothing is fetched twice.
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
  cp package-lock.json node_modules/.installed
fi
