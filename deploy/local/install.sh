#!/usr/bin/env bash
# Installs the Debian packages that are missing, and nothing when none is: a second start costs one dpkg query.
# usage: install.sh GROUP...   groups: build (compile), run (the local stack), engines (real Kafka, Elasticsearch), browser,
# check (the deployment's files), clients (the fluentd plugin's tests), peers (what `make bench` compares with)
set -euo pipefail

declare -A group=(
  [build]="librdkafka-dev libpq-dev libcurl4-openssl-dev libmicrohttpd-dev libssl-dev libdeflate-dev libzstd-dev libsnappy-dev libpcre2-dev libevent-dev pkg-config"
  [run]="postgresql python3 python3-venv util-linux"
  [engines]="openjdk-17-jre-headless xz-utils"
  [browser]="chromium chromium-driver"
  [check]="python3-yaml"
  [clients]="ruby ruby-test-unit"
  [peers]="nginx libnginx-mod-http-lua lua-nginx-kafka rsyslog rsyslog-kafka rsyslog-elasticsearch"
)

wanted=()
for name in "$@"; do
  [[ -n ${group[$name]:-} ]] || { echo "install.sh: no group '$name'; groups are: ${!group[*]}" >&2; exit 2; }
  read -ra packages <<<"${group[$name]}"
  wanted+=("${packages[@]}")
  if [[ $name == build ]] && ! command -v swift >/dev/null; then
    echo "error: there is no 'swift' on the PATH. Install Swift 6.3: https://www.swift.org/install/linux/" >&2
    exit 1
  fi
done

command -v dpkg-query >/dev/null || {
  echo "error: this is not Debian, so nothing can be installed here. Needed are: ${wanted[*]}" >&2
  echo "       Build the images instead: docker compose build" >&2
  exit 1
}

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
root=()
if ((EUID != 0)); then
  # Without a terminal sudo cannot ask for a password: fail with the command instead of hanging or half doing it.
  ask=(-n)
  [[ -t 0 && -t 2 ]] && ask=()
  if ! command -v sudo >/dev/null || ! sudo "${ask[@]}" true; then
    echo "error: these Debian packages are missing and only root can install them. Run this as root, then start again:" >&2
    echo "  apt-get update && $install" >&2
    exit 1
  fi
  root=(sudo)
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
attempt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive $install >"$log" 2>&1; }
# The package lists may be old, or absent in a fresh container: refresh them only when installing fails.
if ! attempt && ! { "${root[@]}" apt-get update -q >/dev/null && attempt; }; then
  tail -n 20 "$log" >&2
  echo "error: apt-get could not install them (the end of its output is above). Mend that, then start again." >&2
  exit 1
fi
