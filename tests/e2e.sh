#!/usr/bin/env bash
# All of Molecule's scenarios, two at a time, each on nodes of its own (LANE in molecule/inventory.yml); then removes the nodes.
# `e2e.sh down` only removes them. What a scenario prints is shown when it ends; .cache/e2e has it before.
set -euo pipefail
cd "$(dirname "$0")/.."
logs=.cache/e2e

in_lane() {
    LANE=$1 MOLECULE_EPHEMERAL_DIRECTORY=$PWD/.cache/molecule-$1 molecule "${@:2}"
}

run() {
    local log=$logs/$1.log result=passed started=$SECONDS
    in_lane "$LANE" test --scenario-name "$1" --destroy never >"$log" 2>&1 || result=FAILED
    {
        flock 9
        cat "$log"
        echo "$result in $((SECONDS - started)) s: $1" | tee --append "$logs/results"
    } 9>"$logs/lock"
    [ $result = passed ]
}

down() {
    local gone=0
    in_lane 0 destroy || gone=$?
    in_lane 1 destroy || gone=$?
    return $gone
}

all() {
    local passed=0
    rm -rf "$logs"
    mkdir -p "$logs"
    trap down EXIT
    for file in molecule/*/converge.yml; do basename "${file%/*}"; done |
        xargs --max-args=1 --max-procs=2 --process-slot-var=LANE tests/e2e.sh run || passed=$?
    cat "$logs/results"
    return $passed
}

"${@:-all}"
