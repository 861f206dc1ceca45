"""The header elements that are kept when files are indexed."""

from __future__ import annotations

RADIOPHARMACEUTICALS = 0x00540016
REAL_WORLD_MAPPING = 0x00409096
MODALITY_LUT = 0x00283000
PIXEL_DATA = 0x7FE00010
FLOAT_PIXELS = (0x7FE00008, 0x7FE00009)

# Sequences are kept as raw bytes, only to see whether they differ between instances.
KEPT_SEQUENCES = frozenset({RADIOPHARMACEUTICALS, REAL_WORLD_MAPPING, MODALITY_LUT})

WANTED: dict[int, str] = {
    0x00080005: "SpecificCharacterSet",
    0x00080008: "ImageType",
    0x00080016: "SOPClassUID",
    0x00080018: "SOPInstanceUID",
    0x00080020: "StudyDate",
    0x00080021: "SeriesDate",
    0x00080022: "AcquisitionDate",
    0x0008002A: "AcquisitionDateTime",
    0x00080030: "StudyTime",
    0x00080031: "SeriesTime",
    0x00080032: "AcquisitionTime",
    0x00080060: "Modality",
    0x00080070: "Manufacturer",
    0x00080201: "TimezoneOffsetFromUTC",
    0x00081030: "StudyDescription",
    0x0008103E: "SeriesDescription",
    0x00081090: "ManufacturerModelName",
    0x00100020: "PatientID",
    0x00100040: "PatientSex",
    0x00101020: "PatientSize",
    0x00101030: "PatientWeight",
    0x00102201: "PatientSpeciesDescription",
    0x00180050: "SliceThickness",
    0x00180088: "SpacingBetweenSlices",
    0x00181060: "TriggerTime",
    0x00181120: "GantryDetectorTilt",
    0x00181242: "ActualFrameDuration",
    0x00189701: "DecayCorrectionDateTime",
    0x00189758: "DecayCorrected",
    0x00189759: "AttenuationCorrected",
    0x0020000D: "StudyInstanceUID",
    0x0020000E: "SeriesInstanceUID",
    0x00200011: "SeriesNumber",
    0x00200012: "AcquisitionNumber",
    0x00200013: "InstanceNumber",
    0x00200032: "ImagePositionPatient",
    0x00200037: "ImageOrientationPatient",
    0x00200052: "FrameOfReferenceUID",
    0x00200100: "TemporalPositionIdentifier",
    0x00280002: "SamplesPerPixel",
    0x00280004: "PhotometricInterpretation",
    0x00280008: "NumberOfFrames",
    0x00280010: "Rows",
    0x00280011: "Columns",
    0x00280030: "PixelSpacing",
    0x00280051: "CorrectedImage",
    0x00280100: "BitsAllocated",
    0x00280101: "BitsStored",
    0x00280102: "HighBit",
    0x00280103: "PixelRepresentation",
    0x00280120: "PixelPaddingValue",
    0x00280121: "PixelPaddingRangeLimit",
    0x00281052: "RescaleIntercept",
    0x00281053: "RescaleSlope",
    0x00281054: "RescaleType",
    0x00282110: "LossyImageCompression",
    0x00283000: "ModalityLUTSequence",
    0x00409096: "RealWorldValueMappingSequence",
    0x00540016: "RadiopharmaceuticalInformationSequence",
    0x00540081: "NumberOfSlices",
    0x00540101: "NumberOfTimeSlices",
    0x00541000: "SeriesType",
    0x00541001: "Units",
    0x00541004: "ReprojectionMethod",
    0x00541006: "SUVType",
    0x00541102: "DecayCorrection",
    0x00541300: "FrameReferenceTime",
    0x00541321: "DecayFactor",
    0x00541322: "DoseCalibrationFactor",
    0x00541330: "ImageIndex",
}
# Enhanced and Legacy Converted Enhanced PET and CT: geometry and scaling lie in functional groups.
MULTIFRAME_CLASSES = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{suffix}" for suffix in ("130", "128.1", "2.1", "2.2")
)
TAG_OF: dict[str, int] = {name: tag for tag, name in WANTED.items()}

# Binary values (VR US, or US/SS for the padding); everything else wanted is text.
BINARY_US = frozenset(
    TAG_OF[name]
    for name in (
        "SamplesPerPixel", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit",
        "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit",
        "NumberOfSlices", "NumberOfTimeSlices", "ImageIndex",
    )
)  # fmt: skip

# Groups of vendor elements that matter for the SUV; their creators are resolved in ``facts``.
PRIVATE_GROUPS = frozenset({0x0009, 0x0071, 0x7053, 0x7065})
PRIVATE_MAX_BYTES = 256
