#!/usr/bin/env bash
# client.sh FOLDER URL: asks again and again with FOLDER's client.pem and ca.pem, and writes each answer (curl's exit code,
# HTTP status, error) to FOLDER/answers, until FOLDER/stop is there.
set -euo pipefail
cd "$1"
rm -f stop answers
until [ -e stop ]; do
    status=0
    answer=$(curl --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 20 \
        --cacert ca.pem --cert client.pem "$2" 2>&1) || status=$?
    echo "$status $answer" >>answers
    sleep 0.2
done
