#!/usr/bin/env bash
# Make the pictures of the documentation: a demo archive, served, looked at by Debian's chromium. Run from the repository.
set -euo pipefail
here=$(mktemp -d)
export DANGQUN_SAMPLE_PORT=${DANGQUN_SAMPLE_PORT:-8301}
.venv/bin/dangqun --archive "$here/data" demo --no-serve
.venv/bin/dangqun --archive "$here/data" serve --port 8399 &
server=$!
trap 'kill $server; rm -rf "$here"' EXIT
until curl --silent --output /dev/null http://127.0.0.1:8399/; do sleep 0.2; done
shot() { # name, path, width, height
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$here/$1" --window-size="$3,$4" \
        --screenshot="docs/$1.png" "http://127.0.0.1:8399$2" 2>/dev/null
}
key() { # table, filter -> the permanent key of the first row
    curl --silent --get --data-urlencode "$2" "http://127.0.0.1:8399/archive/$1.json?_shape=array&_col=key" |
        grep --only-matching '[0-9a-f]\{24\}' | head -1
}
shot article "/article/$(key articles 'title__contains=红色客厅')" 1280 1000
shot station "/station/$(key stations 'name=映月花园小区党群服务站')" 1280 1000
shot phone / 390 844
