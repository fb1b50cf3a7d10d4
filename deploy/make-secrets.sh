#!/bin/sh
# Makes the secrets of docker-compose.cluster.yml in a folder that only its owner can enter, and leaves those that are there.
#   deploy/make-secrets.sh [FOLDER]      (./secrets)
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
# Containers run as users of their own, and must read the files. Nobody else comes into the folder.
chmod 700 "$folder"
umask 022

# $1: a name. Its value comes from standard input.
keep() {
  if [ -s "$folder/$1" ]; then
    cat >/dev/null
    echo "$folder/$1 was there" >&2
  else
    cat >"$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
  fi
}
# Characters that mean nothing in an address.
random() { od -An -N 36 -tx1 /dev/urandom | tr -d ' \n'; }

random | keep auth_secret
random | keep postgres_password
random | keep redis_password
printf 'postgres://tidings:%s@postgres:5432/tidings' "$(cat "$folder/postgres_password")" | keep database_url
printf 'redis://:%s@redis:6379' "$(cat "$folder/redis_password")" | keep redis_url
