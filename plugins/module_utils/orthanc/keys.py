# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys that Orthanc's configuration knows, by JSON type: Orthanc ignores a misspelt key without a word.

Source: the configuration files of Debian's Orthanc 1.10.1 and 1.12.7 with their commented-out keys, and
``HttpBindAddresses`` of 1.12.10; the plugins' sections by the plugins' own documentation.
"""

from __future__ import annotations

_BOOL = """
AuthenticationEnabled CaseSensitivePN CheckRevisions DeflatedTransferSyntaxAccepted DeidentifyLogs
DicomAlwaysAllowEcho DicomAlwaysAllowFind DicomAlwaysAllowFindWorklist DicomAlwaysAllowGet
DicomAlwaysAllowMove DicomAlwaysAllowStore DicomCheckCalledAet DicomCheckModalityHost DicomEchoChecksFind
DicomModalitiesInDatabase DicomServerEnabled DicomTlsEnabled DicomTlsRemoteCertificateRequired
ExecuteLuaEnabled H265TransferSyntaxAccepted HttpCompressionEnabled HttpDescribeErrors HttpServerEnabled
HttpVerbose HttpsVerifyPeers IngestTranscodingOfCompressed IngestTranscodingOfUncompressed
Jpeg2000TransferSyntaxAccepted JpegLosslessTransferSyntaxAccepted JpegTransferSyntaxAccepted
JpipTransferSyntaxAccepted KeepAlive LoadPrivateDictionary LogExportedResources MetricsEnabled
Mpeg2TransferSyntaxAccepted Mpeg4TransferSyntaxAccepted OrthancExplorerEnabled OrthancPeersInDatabase
OverwriteInstances ReadOnly RemoteAccessAllowed RestApiWriteToFileSystemEnabled RleTransferSyntaxAccepted
SaveJobs SslEnabled SslVerifyPeers StorageCompression StoreDicom StoreMD5ForAttachments StrictAetComparison
SyncStorageArea SynchronousCMove SynchronousZipStream TcpNoDelay TranscodeDicomProtocol
UnknownSopClassAccepted WebDavDeleteAllowed WebDavEnabled WebDavUploadAllowed
"""

_INT = """
ConcurrentJobs DicomAssociationCloseDelay DicomLossyTranscodingQuality DicomPort DicomScpTimeout
DicomScuTimeout DicomThreadsCount DicomTlsMinimumProtocolVersion HttpPort HttpRequestTimeout HttpThreadsCount
HttpTimeout JobsHistorySize KeepAliveTimeout LimitFindInstances LimitFindResults LuaHeartBeatPeriod
MallocArenaMax MaximumConcurrentDcmtkTranscoders MaximumPatientCount MaximumPduLength MaximumStorageCacheSize
MaximumStorageSize MediaArchiveSize QueryRetrieveSize SslMinimumProtocolVersion StableAge
StorageCommitmentReportsSize ZipLoaderThreads
"""

_STR = """
BuiltinDecoderTranscoderOrder DatabaseServerIdentifier DefaultEncoding DefaultPrivateCreator
DeidentifyLogsDicomVersion DicomAet DicomDefaultRetrieveMethod DicomScuPreferredTransferSyntax
DicomTlsCertificate DicomTlsPrivateKey DicomTlsTrustedCertificates HttpProxy HttpsCACertificates
IndexDirectory IngestTranscoding Locale MaximumStorageMode Name SslCertificate SslTrustedClientCertificates
StorageAccessOnFind StorageDirectory TemporaryDirectory
"""

_LIST = """
AcceptedSopClasses AcceptedTransferSyntaxes DicomTlsCiphersAccepted ExternalDictionaries HttpBindAddresses
LuaScripts Plugins RejectedSopClasses SslCiphersAccepted
"""

_DICT = """
DicomModalities Dictionary ExtraMainDicomTags JobsEngineThreadsCount OrthancPeers Pkcs11 RegisteredUsers
UserContentType UserMetadata Warnings
"""

_PLUGINS = """
AdvancedStorage AuditLogs Authentication Authorization AwsS3Storage AzureBlobStorage ConnectivityChecks DelayedDeletion
DicomWeb Education Gdcm GoogleCloudStorage Housekeeper Indexer Java MultitenantDicom MySQL Neuro Odbc OHIF
OrthancExplorer2 PixelsMasker PostgreSQL Python PythonScript PythonVerbose ServeFolders ServeFoldersAllowCache
ServeFoldersGenerateETag STL StoneWebViewer Tcia TciaClient Transfers VolView WebViewer WholeSlideImaging Worklists
"""

PLUGIN_KEYS = frozenset(_PLUGINS.split())
"""Top-level keys of the plugins; what stands in them is the plugin's to check."""

KEY_TYPES: dict[str, type] = {
    **dict.fromkeys(_BOOL.split(), bool),
    **dict.fromkeys(_INT.split(), int),
    **dict.fromkeys(_STR.split(), str),
    **dict.fromkeys(_LIST.split(), list),
    **dict.fromkeys(_DICT.split(), dict),
}
"""Orthanc's own top-level keys and the Python type of their JSON value."""
