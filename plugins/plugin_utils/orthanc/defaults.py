# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of Orthanc's own default configuration file: a setting that has its default says nothing.

Source: the configuration files of Debian's Orthanc 1.10.1 and 1.12.7 and of their DICOMweb plugins; what they have
different values for is left out.
"""

from __future__ import annotations

from typing import Any

_TRUE = """
DeidentifyLogs DicomAlwaysAllowEcho DicomAlwaysAllowStore DicomServerEnabled DicomTlsRemoteCertificateRequired
HttpDescribeErrors HttpServerEnabled KeepAlive LoadPrivateDictionary MetricsEnabled
OrthancExplorerEnabled SaveJobs StoreDicom StoreMD5ForAttachments SyncStorageArea SynchronousCMove
SynchronousZipStream TcpNoDelay TranscodeDicomProtocol WebDavEnabled WebDavUploadAllowed
IngestTranscodingOfCompressed IngestTranscodingOfUncompressed
"""

_FALSE = """
CaseSensitivePN CheckRevisions DicomAlwaysAllowFind DicomAlwaysAllowFindWorklist DicomAlwaysAllowGet
DicomAlwaysAllowMove DicomCheckCalledAet DicomCheckModalityHost DicomEchoChecksFind DicomModalitiesInDatabase
DicomTlsEnabled ExecuteLuaEnabled HttpVerbose LogExportedResources OrthancPeersInDatabase OverwriteInstances
ReadOnly RestApiWriteToFileSystemEnabled StorageCompression StrictAetComparison UnknownSopClassAccepted
WebDavDeleteAllowed
"""

_EMPTY = {
    **dict.fromkeys(("DefaultPrivateCreator", "HttpProxy"), ""),
    "DicomModalities": {},
    "Dictionary": {},
    "LuaScripts": [],
    "RegisteredUsers": {},
    "ServeFolders": {},
    "UserContentType": {},
    "UserMetadata": {},
}

_OTHERS: dict[str, Any] = {
    "AcceptedTransferSyntaxes": ["1.2.840.10008.1.*"],
    "BuiltinDecoderTranscoderOrder": "After",
    "ConcurrentJobs": 2,
    "DefaultEncoding": "Latin1",
    "DicomAssociationCloseDelay": 5,
    "DicomDefaultRetrieveMethod": "C-MOVE",
    "DicomLossyTranscodingQuality": 90,
    "DicomScpTimeout": 30,
    "DicomScuPreferredTransferSyntax": "1.2.840.10008.1.2.1",
    "DicomScuTimeout": 10,
    "DicomThreadsCount": 4,
    "DicomTlsMinimumProtocolVersion": 0,
    "HttpRequestTimeout": 30,
    "HttpThreadsCount": 50,
    "HttpTimeout": 60,
    "JobsEngineThreadsCount": {"ResourceModification": 1},
    "JobsHistorySize": 10,
    "KeepAliveTimeout": 1,
    "LimitFindInstances": 0,
    "LimitFindResults": 0,
    "LuaHeartBeatPeriod": 0,
    "MallocArenaMax": 5,
    "MaximumConcurrentDcmtkTranscoders": 0,
    "MaximumPatientCount": 0,
    "MaximumPduLength": 16384,
    "MaximumStorageCacheSize": 128,
    "MaximumStorageMode": "Recycle",
    "MaximumStorageSize": 0,
    "MediaArchiveSize": 1,
    "Name": "Orthanc",
    "QueryRetrieveSize": 100,
    "StableAge": 60,
    "StorageAccessOnFind": "Always",
    "StorageCommitmentReportsSize": 100,
    "Warnings": dict.fromkeys(
        (
            "W001_TagsBeingReadFromStorage",
            "W002_InconsistentDicomTagsInDb",
            "W003_DecoderFailure",
            "W004_NoMainDicomTagsSignature",
            "W005_RequestingTagFromLowerResourceLevel",
            "W006_RequestingTagFromMetaHeader",
            "W007_MissingRequestedTagsNotReadFromDisk",
        ),
        True,
    ),
    "Worklists": {"Enable": False, "Database": "/var/lib/orthanc/worklists"},
    "ZipLoaderThreads": 0,
}

ORTHANC_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(_TRUE.split(), True),
    **dict.fromkeys(_FALSE.split(), False),
    **_EMPTY,
    **_OTHERS,
}
"""Top-level keys and the value that Orthanc has without them."""

DICOM_WEB_DEFAULTS: dict[str, Any] = {"EnableWado": True, "WadoRoot": "/wado"}
"""Keys of the section C(DicomWeb) and the value that the plugin has without them."""
