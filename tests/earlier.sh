#!/usr/bin/env bash
# Takes an earlier version of the collection out of git. Usage: earlier.sh COMMIT FOLDER
# FOLDER is what ANSIBLE_COLLECTIONS_PATH names afterwards. Prints a line if it was not there yet.
set -euo pipefail
commit=$1
mkdir -p "$(dirname "$2")"
folder=$(realpath "$2")
cd "$(dirname "$0")/.."

[ -e "$folder" ] && exit
if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
    echo "tests/earlier.sh: commit $commit is not in the history of this clone, and an upgrade from it cannot be tried." \
        "Fetch the whole history (git fetch --unshallow) and run this again." >&2
    exit 1
fi
work=$(mktemp --directory "$folder.XXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/ansible_collections/openimaging/orthanc"
git archive "$commit" | tar --extract --directory="$work/ansible_collections/openimaging/orthanc"
mv --no-target-directory "$work" "$folder"
echo "took $commit out of git"
