#!/bin/sh
# Runs a command with secrets that stand in files: AUTH_SECRET_FILE=/run/secrets/auth_secret gives it AUTH_SECRET, and so on.
#   deploy/with-secrets.sh node dist/src/main.js serve
set -eu

fail() {
  echo "tidings: $1" >&2
  exit 1
}

for name in AUTH_SECRET MASTER_KEY EVENTSTORE_URL DATABASE_URL ELASTICSEARCH_URL REDIS_URL FILES_URL; do
  eval "file=\${${name}_FILE-} given=\${$name-}"
  [ -n "$file" ] || continue
  [ -z "$given" ] || fail "$name and ${name}_FILE are both set: keep one of them"
  [ -f "$file" ] && [ -r "$file" ] || fail "${name}_FILE names $file, which this user cannot read: make it a file that it can"
  # Without the line feed at its end.
  value=$(cat "$file")
  [ -n "$value" ] || fail "${name}_FILE names $file, which is empty: write the setting into it"
  export "$name=$value"
  unset "${name}_FILE"
done

exec "$@"
