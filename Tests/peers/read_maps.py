"""Reads the slices of a material map with SimpleITK, pydicom and highdicom and prints what they make of them as JSON.

usage: read_maps.py FOLDER A X Y Z

The map was written with the real value A + X x + Y y + Z z at the patient's point (x, y, z): the largest difference
over all voxels says whether each lies where a viewer will show it.
"""
import json
import pathlib
import sys

import highdicom as hd
import numpy as np
import pydicom
import SimpleITK as sitk

folder = sys.argv[1]
offset, gradient = float(sys.argv[2]), np.array([float(v) for v in sys.argv[3:6]])

names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(folder)
image = sitk.ReadImage(names)
values = sitk.GetArrayFromImage(image).astype(np.float64)
k, j, i = np.meshgrid(*[np.arange(n) for n in values.shape], indexing="ij")
direction = np.array(image.GetDirection()).reshape(3, 3)
index = np.stack([i, j, k], axis=-1) * np.array(image.GetSpacing())
points = index @ direction.T + np.array(image.GetOrigin())
expected = offset + points @ gradient

headers = [pydicom.dcmread(path) for path in sorted(pathlib.Path(folder).glob("*.dcm"))]
first = headers[0]
mapping = first.RealWorldValueMappingSequence[0]
real = hd.imread(sorted(pathlib.Path(folder).glob("*.dcm"))[0]).get_frame(
    1, apply_real_world_transform=True, apply_modality_transform=False)
stored = first.pixel_array
print(json.dumps({
    "slices": len(names),
    "size": list(image.GetSize()),
    "spacing": list(image.GetSpacing()),
    "largestDifference": float(np.abs(values - expected).max()),
    "rescaleDifference": float(np.abs(real - (stored * float(first.RescaleSlope) + float(first.RescaleIntercept))).max()),
    "unit": mapping.MeasurementUnitsCodeSequence[0].CodeValue,
    "quantity": mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0].CodeValue,
    "imageType": list(first.ImageType),
    "rescaleType": first.RescaleType,
    "seriesDescription": first.SeriesDescription,
    "seriesNumber": int(first.SeriesNumber),
    "laterality": first.get("ImageLaterality"),
    "patientName": str(first.PatientName),
    "uniqueInstances": len({h.SOPInstanceUID for h in headers}),
    "uniqueSeries": len({h.SeriesInstanceUID for h in headers}),
    "instanceNumbers": [int(h.InstanceNumber) for h in headers],
    "sources": [[str(s.ReferencedSOPInstanceUID) for s in h.SourceImageSequence] for h in headers],
}))
