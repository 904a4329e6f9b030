#!/usr/bin/env bash
# Copies what git would commit to .build, or to the folder that is given, under the path that ansible-test and mypy know a
# collection by.
# The copy is a repository of its own: ansible-test asks git for the files, and git clean leaves ansible-test's caches.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=${1:-.build}/ansible_collections/openimaging/orthanc
git init --quiet "$copy"
git -C "$copy" clean -ffdq
comm -z -23 <(git ls-files -z --cached --others --exclude-standard | sort -zu) <(git ls-files -z --deleted | sort -zu) |
    tar --create --null --files-from=- | tar --extract --directory="$copy"
