#!/bin/sh
# Installs Stellwerk @VERSION@ from a folder of a web server that holds what "npm run build" makes:
#
#   sh install.sh --from https://releases.example/stellwerk/@VERSION@
#
# Nothing is run, unpacked or changed before the checksum is right. No root is needed: it goes below --prefix, by default
# ~/.local (for root /usr/local). Running it again brings the same version up to date or does nothing.
set -eu

VERSION='@VERSION@'
NODE_WANTED='24.12'

usage() {
  cat <<USAGE
usage: install.sh --from URL [--prefix FOLDER]
       install.sh --uninstall [--prefix FOLDER]

  --from URL        where stellwerk-$VERSION.tgz and SHA256SUMS lie; default \$STELLWERK_FROM
  --prefix FOLDER   where it goes; default ~/.local, for root /usr/local
  --uninstall       remove what this script installed; data of control planes stays
USAGE
}

# fail CODE WHAT WHY FIX
fail() {
  printf 'stellwerk: %s\nWhy: %s Nothing was changed.\nFix: %s\n' "$2" "$3" "$4" >&2
  exit "$1"
}

read_options() {
  from=${STELLWERK_FROM:-} prefix='' action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --from | --prefix)
        [ $# -ge 2 ] || fail 2 "$1 has no value" 'it needs one.' "$(usage)"
        if [ "$1" = --from ]; then from=$2; else prefix=$2; fi
        shift
        ;;
      --uninstall) action=uninstall ;;
      -h | --help) usage; exit 0 ;;
      *) fail 2 "unknown option $1" 'this script does not know it.' "$(usage)" ;;
    esac
    shift
  done
  if [ -z "$prefix" ]; then
    if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:?HOME is not set: give --prefix}/.local; fi
  fi
  case $prefix in
    /*) ;;
    *) fail 2 "--prefix $prefix is not absolute" 'links would lead nowhere from another folder.' "--prefix $PWD/$prefix" ;;
  esac
}

check_machine() {
  os=$(uname -s) cpu=$(uname -m)
  case $os in
    Linux | Darwin) ;;
    *) fail 2 "this is $os" 'Stellwerk runs on Linux and macOS.' 'use one of them; on Windows, WSL 2' ;;
  esac
  case $cpu in
    x86_64 | amd64 | aarch64 | arm64) ;;
    *) fail 2 "this processor is a $cpu" 'Stellwerk runs on x86-64 and arm64.' 'use a machine with one of them' ;;
  esac
  command -v node >/dev/null || fail 2 'there is no node' "Stellwerk needs Node $NODE_WANTED or newer." 'https://nodejs.org/en/download, or the Debian package, which brings its own'
  command -v npm >/dev/null || fail 2 'there is no npm' 'it fetches what Stellwerk depends on.' 'install the npm that comes with Node'
  found=$(node -p process.versions.node) || fail 2 'node does not run' 'it ended with an error.' 'install Node anew'
  major=${found%%.*} rest=${found#*.}
  minor=${rest%%.*}
  if [ "$major" -lt "${NODE_WANTED%.*}" ] || { [ "$major" -eq "${NODE_WANTED%.*}" ] && [ "$minor" -lt "${NODE_WANTED#*.}" ]; }; then
    fail 2 "this is Node $found ($(command -v node))" "Stellwerk needs Node $NODE_WANTED or newer." 'https://nodejs.org/en/download'
  fi
}

# download NAME: from the base address into the scratch folder; what was cut off or is no answer of success fails.
download() {
  if command -v curl >/dev/null; then
    said=$(curl --fail --silent --show-error --location --retry 2 --connect-timeout 20 --output "$scratch/$1" "$from/$1" 2>&1) && return
  elif command -v wget >/dev/null; then
    said=$(wget --quiet --tries=2 --timeout=20 --output-document="$scratch/$1" "$from/$1" 2>&1) && return
    said=${said:-wget failed}
  else
    fail 2 'there is neither curl nor wget' 'one of them is needed to download.' 'install curl'
  fi
  fail 1 "could not download $from/$1" "$said." 'check the address and the connection, then run this again'
}

sha256_of() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

fetch_checked() {
  [ -n "$from" ] || fail 2 'it is not said where to download from' 'there is no default address.' "$(usage)"
  from=${from%/}
  package=stellwerk-$VERSION.tgz
  download SHA256SUMS
  wanted=$(awk -v name="$package" '$2 == name && length($1) == 64 { print $1 }' "$scratch/SHA256SUMS")
  [ -n "$wanted" ] || fail 1 "$from/SHA256SUMS does not name $package" 'it is no list of checksums of this version (a page of a proxy, perhaps).' 'check the address'
  download "$package"
  got=$(sha256_of "$scratch/$package")
  [ "$got" = "$wanted" ] || fail 1 "$package is not what was released" "its SHA-256 is $got, SHA256SUMS says $wanted." 'run this again; if it stays so, tell whoever runs that server'
}

# npm replaces a package in place when it is asked again: a version of before, or one that was cut off half way.
install() {
  # Absolute as npm sees it; kept with the package, so that npm can compare it later.
  npm install --global --prefix "$prefix" --ignore-scripts --no-audit --no-fund --loglevel=error "$scratch/$package" >"$scratch/npm" 2>&1 || {
    cat "$scratch/npm" >&2
    printf 'stellwerk: npm could not install it; what it says stands above.\nFix: mend that, then run this again\n' >&2
    exit 1
  }
  printf 'stellwerk %s is installed: %s\n' "$("$prefix/bin/stellwerk" --version)" "$prefix/bin/stellwerk"
  case :$PATH: in
    *:"$prefix/bin":*) printf 'Next: stellwerk demo\n' ;;
    *) printf 'Next: put %s on your PATH, then stellwerk demo\n' "$prefix/bin" ;;
  esac
}

uninstall() {
  if [ ! -d "$prefix/lib/node_modules/stellwerk" ]; then
    printf 'stellwerk is not installed below %s: nothing to remove\n' "$prefix"
    return
  fi
  npm uninstall --global --prefix "$prefix" --loglevel=error stellwerk >/dev/null
  printf 'stellwerk is removed from %s; data folders of control planes stay\n' "$prefix"
}

# All of it is read before any of it runs: a script that was cut off on its way does nothing.
main() {
  read_options "$@"
  check_machine
  if [ "$action" = uninstall ]; then uninstall; return; fi
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM HUP
  fetch_checked
  install
}

main "$@"
