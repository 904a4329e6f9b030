# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys in the sections of plugins whose text is no secret (standard library only).

Source: the plugins' documentation in the Orthanc Book and their default configurations. A key that is missing here
hides a harmless text; a key that is here by mistake shows a secret.
"""

from __future__ import annotations

_PEERS = """
Url URL Username CertificateFile CertificateKeyFile
"""

_STORAGE = """
BucketName ContainerName CurrentWriteStorage Database Endpoint Host NamingScheme Region RootPath Schema
ServiceAccountFile SslCACertificates SslMode StorageStructure TransactionMode UnixSocket
"""

_WEB = """
CachePath Database DataSource Folders HttpAccessControlAllowOrigin LogLevel Path PublicRoot PythonScript PythonVerbose
Root RouterBasename SeriesMetadata StudiesMetadata UserConfiguration WadoRoot WebServiceRootUrl
"""

_FILTERS = """
CheckedLevel StandardConfigurations UncheckedFolders UncheckedLevels UncheckedResources WebServiceUsername
"""

_DICOM = """
AET AcceptedTransferSyntaxes Labels LabelsConstraint RestrictTransferSyntaxes
"""

HARMLESS_KEYS = frozenset((_PEERS + _STORAGE + _WEB + _FILTERS + _DICOM).split())
"""Their text is shown, unless it looks like one with a password in it."""

_SECTIONS = """
ConnectivityChecks MultipleStorages Permissions Schedule ServeFolders StoneWebViewer Triggers UiOptions
"""

HARMLESS_SECTIONS = frozenset(_SECTIONS.split())
"""Whatever stands below them is shown, unless its key or its text tells of a secret."""
