#!/bin/sh
# Makes the passwords of a cluster and the user files that hold them, in one directory per service, so that each
# service is given its own and no other.
#   make-secrets.sh              makes what is missing; never changes a password that is there
#   make-secrets.sh renew        makes every password anew: restart all services afterwards
#   make-secrets.sh show NAME    prints one for people: api-token, signal-password or subscriber-password
# Passwords are printed by `show` alone. Files are readable by their owner only.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
cd "${SIGNPOST_SECRETS:-/secrets}"

main() {
  case "${1:-make}" in
    make) make ;;
    renew) rm -f */* && make ;;
    show) show "${2:-}" ;;
    *) echo "make-secrets.sh: $1? It knows make, renew and show." >&2 && exit 2 ;;
  esac
}

make() {
  for service in controller authority; do
    password "$service/nats-password"
    password "$service/redis-password"
  done
  for vantage in eu us ap; do password "prober-$vantage/nats-password"; done
  password signal/nats-password
  password subscriber/nats-password
  password controller/api-token
  secret authority/cookie-secret 16
  nats_passwords | write nats/passwords.conf
  redis_users | write redis/users.acl
  echo "secrets are in place"
}

# 192 random bits, if the file is not there yet.
password() {
  secret "$1" 24
}

# So many random octets, in hexadecimal digits.
secret() {
  [ -s "$1" ] && return
  head -c "$2" /dev/urandom | od -An -v -tx1 | tr -d ' \n' | write "$1"
  echo "made $1"
}

# Whole or not at all, whatever interrupts us.
write() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.new"
  chmod 0400 "$1.new"
  mv -f "$1.new" "$1"
}

# Variables that deploy/nats/users.conf takes: PROBER_EU: "..."
nats_passwords() {
  for file in */nats-password; do
    service=$(dirname "$file" | tr 'a-z-' 'A-Z_')
    printf '%s: "%s"\n' "$service" "$(cat "$file")"
  done
}

# Redis keeps only hashes: each <NAME> of the template becomes the SHA-256 of that service's password.
redis_users() {
  grep '^user ' "$here/redis/users.acl.template" |
    sed "s/<CONTROLLER>/$(digest controller)/; s/<AUTHORITY>/$(digest authority)/"
}

digest() {
  sha256sum <"$1/redis-password" | cut -d ' ' -f 1
}

show() {
  case "$1" in
    api-token) cat controller/api-token ;;
    signal-password) cat signal/nats-password ;;
    subscriber-password) cat subscriber/nats-password ;;
    *) echo "make-secrets.sh: show api-token, signal-password or subscriber-password" >&2 && exit 2 ;;
  esac
  echo
}

main "$@"
