# Copyright (c) 2026, openimaging.orthanc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a large DICOM file: one of those that pydicom ships, with as many frames as it takes. Needs pydicom.

Usage: large_dicom.py PATH MEGABYTES
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid


def main() -> None:
    path, size = Path(sys.argv[1]), int(sys.argv[2]) * 1_000_000
    image = dcmread(str(get_testdata_file("CT_small.dcm")))
    frame = image.PixelData
    frames = size // len(frame) + 1
    image.NumberOfFrames = frames
    image.PixelData = frame * frames
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(size)])
    image.save_as(path)


if __name__ == "__main__":
    main()
