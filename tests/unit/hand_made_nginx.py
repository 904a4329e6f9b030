# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An nginx as people have it in front of Orthanc, as C(nginx -T) tells it."""

from __future__ import annotations

MAIN = "/etc/nginx/nginx.conf"
SITE = "/etc/nginx/sites-enabled/pacs.conf"

# Passwords of nginx's own, a path, a viewer's origin and its files, and a password of Orthanc's that nginx sends.
PACS = """map $http_origin $viewer { default ""; "https://viewer.example.org" $http_origin; }
server {
    listen 80;
    listen [::]:80;
    server_name pacs.example.org;
    location /.well-known/acme-challenge/ { root /var/www/html; }
    location / { return 301 https://$host$request_uri; }
}
server {
    listen 443 ssl http2;
    listen [::]:443 ssl http2 ipv6only=on;
    server_name pacs.example.org;
    ssl_certificate /etc/letsencrypt/live/pacs.example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/pacs.example.org/privkey.pem;
    client_max_body_size 2G;
    auth_basic "PACS";
    auth_basic_user_file /etc/nginx/pacs.htpasswd;
    location /orthanc/ {
        rewrite /orthanc(.*) $1 break;
        proxy_pass http://127.0.0.1:8042;
        proxy_set_header Host $http_host;
        proxy_set_header Authorization "Basic cGFjczpjaGFuZ2VtZQ==";
        add_header Access-Control-Allow-Origin $viewer always;
    }
    location /viewer/ { alias /srv/viewer/; }
}
"""


def dumped(site: str, http: str = "", **others: str) -> str:
    """What C(nginx -T) says of an nginx with one site; C(others) are files of sites-enabled by their names."""
    files = {MAIN: f"events {{ }}\nhttp {{ {http}\ninclude /etc/nginx/sites-enabled/*; }}", SITE: site}
    files |= {f"/etc/nginx/sites-enabled/{name}": text for name, text in others.items()}
    return "".join(f"# configuration file {file}:\n{text}\n\n" for file, text in files.items())
