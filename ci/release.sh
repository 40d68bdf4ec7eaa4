#!/usr/bin/env bash
# One release from a CI job: pin, plan, deploy, follow. Inputs are variables INPUT_*, as action.yml and templates/release.yml name
# them. Ends with the exit code of `stellwerk deploy`.
set -euo pipefail

# What a line break would end: a forge reads each line for commands of its own.
line() { printf '%s' "$1" | tr '\r\n' '  '; }

# A part of the log that can be folded, as each forge writes it.
part=0
group() {
  part=$((part + 1))
  if [ "${GITHUB_ACTIONS:-}" = true ]; then
    echo "::group::$(line "$1")"
  elif [ "${GITLAB_CI:-}" = true ]; then
    printf '\033[0Ksection_start:%s:stellwerk_%s\r\033[0K%s\n' "$(date +%s)" "$part" "$(line "$1")"
  else
    echo "--- $(line "$1")"
  fi
}
endgroup() {
  if [ "${GITHUB_ACTIONS:-}" = true ]; then
    echo "::endgroup::"
  elif [ "${GITLAB_CI:-}" = true ]; then
    printf '\033[0Ksection_end:%s:stellwerk_%s\r\033[0K\n' "$(date +%s)" "$part"
  fi
}

# What the exit code means, for the list of the run's errors.
meaning() {
  case "$1" in
    1) echo "failed; nothing changed for users" ;;
    2) echo "the command or stellwerk.yaml is wrong" ;;
    3) echo "blocked by a gate" ;;
    4) echo "waiting for an approval" ;;
    5) echo "rolled back; users are on the previous version" ;;
    6) echo "needs a human" ;;
    7) echo "another rollout holds the environment" ;;
    8) echo "the control plane cannot be reached" ;;
    9) echo "not allowed" ;;
    124) echo "it took too long; the rollout goes on" ;;
    130) echo "detached; the rollout goes on" ;;
    *) echo "ended with an error" ;;
  esac
}

fail() {
  if [ "${GITHUB_ACTIONS:-}" = true ]; then
    echo "::error title=Stellwerk, exit code $1::$(line "$2"): $(meaning "$1")"
  else
    echo "Stellwerk, exit code $1: $2: $(meaning "$1")" >&2
  fi
  exit "$1"
}

[ -n "${INPUT_ENVIRONMENT:-}" ] || fail 2 "no environment"
if [ -n "${INPUT_SERVER:-}" ]; then export STELLWERK_URL="$INPUT_SERVER"; fi
if [ -n "${INPUT_SERVICE:-}" ]; then export STELLWERK_SERVICE="$INPUT_SERVICE"; fi
spec="${INPUT_SPEC:-stellwerk.yaml}"

if [ -n "${INPUT_PACKAGE:-}" ]; then
  group "Install $INPUT_PACKAGE"
  npm install --global --no-audit --no-fund -- "$INPUT_PACKAGE"
  endgroup
fi
command -v stellwerk > /dev/null || fail 2 "there is no stellwerk on the PATH; say which package to install"

# GitLab gives one token for the whole job, and each lets in once.
if [ "${GITLAB_CI:-}" = true ] && [ -z "${STELLWERK_TOKEN:-}" ]; then
  code=0
  STELLWERK_TOKEN="$(stellwerk login --file "$spec")" || code=$?
  [ "$code" = 0 ] || fail "$code" "this job was not let in"
  export STELLWERK_TOKEN
fi

# "NAME=VALUE" a line becomes "--option NAME=VALUE" for each; empty lines and spaces around do not count.
options=()
each() {
  options=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then options+=("$1" "$line"); fi
  done <<< "$2"
}

artifact="${INPUT_VERSION:-}"
each --component "${INPUT_COMPONENTS:-}"
if [ "${#options[@]}" -gt 0 ]; then
  group "Pin the artifact"
  version=()
  if [ -n "$artifact" ]; then version=(--version "$artifact"); fi
  if [ -n "${INPUT_SERVICE:-}" ]; then version+=(--service "$INPUT_SERVICE"); fi
  code=0
  artifact="$(stellwerk artifact pin --file "$spec" ${version[@]+"${version[@]}"} ${options[@]+"${options[@]}"})" || code=$?
  endgroup
  [ "$code" = 0 ] || fail "$code" "the artifact was not pinned"
fi
[ -n "$artifact" ] || fail 2 "neither components nor a version to release"

each --flag "${INPUT_FLAGS:-}"
release=(-e "$INPUT_ENVIRONMENT" --file "$spec" --artifact "$artifact" ${options[@]+"${options[@]}"})

group "Plan"
code=0
stellwerk plan "${release[@]}" || code=$?
endgroup
[ "$code" = 0 ] || fail "$code" "there is no plan for this release"
if [ "${INPUT_PLAN_ONLY:-false}" = true ]; then exit 0; fi

outputs="${GITHUB_OUTPUT:-${INPUT_OUTPUTS:-}}"
told=()
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then told+=(--summary "$GITHUB_STEP_SUMMARY"); fi
if [ -n "$outputs" ]; then told+=(--outputs "$outputs"); fi
code=0
stellwerk deploy "${release[@]}" --yes ${told[@]+"${told[@]}"} || code=$?
[ "$code" = 0 ] || fail "$code" "$INPUT_ENVIRONMENT"
