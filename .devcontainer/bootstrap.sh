#!/usr/bin/env bash
# Makes two empty servers what tests/lab makes of its own: accounts, the schema `test`, a replica by GTID. May be run again.
# Usage: bootstrap.sh [mysql|mariadb [PRIMARY_HOST:PORT REPLICA_HOST:PORT]]; root has to be let in without a password.
set -euo pipefail
cd "$(dirname "$0")/.."
flavor=${1:-mysql}
if command -v deno >/dev/null; then deno=(deno); else deno=(npx -y deno@2); fi
exec "${deno[@]}" run --allow-all tests/lab/apply.ts \
  "$flavor" "${2:-$flavor-primary:3306}" "${3:-$flavor-replica:3306}"
