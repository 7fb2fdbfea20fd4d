"""The script a researcher would write for one dual-energy hand: read, register, decompose, threshold, take the largest
components for bone, measure what is left, write a DICOM segmentation.

    python libresearcher.py STUDY OUTPUT LOW_KV HIGH_KV

Prints {"seconds": {step: seconds}, "deposits": n}. Needs pydicom, numpy, SciPy, SimpleITK, connected-components-3d, edt
and highdicom.
"""
import json
import pathlib
import sys
import time

import cc3d
import edt
import highdicom as hd
import numpy as np
import pydicom
import SimpleITK as sitk
from pydicom.sr.codedict import codes
from scipy import ndimage


def read(folder, kilovolts):
    """Slices of the one axial series at this voltage, from the feet up, and their volume in HU."""
    series = {}
    for path in folder.rglob("*.dcm"):
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=[
            "ImageType", "KVP", "SeriesInstanceUID", "Modality"])
        if header.Modality == "CT" and "LOCALIZER" not in header.ImageType and float(header.get("KVP") or 0) == kilovolts:
            series.setdefault(header.SeriesInstanceUID, []).append(path)
    paths = max(series.values(), key=len)
    slices = sorted((pydicom.dcmread(path) for path in paths), key=lambda s: float(s.ImagePositionPatient[2]))
    volume = np.stack([s.pixel_array.astype(np.float32) * float(s.RescaleSlope) + float(s.RescaleIntercept)
                       for s in slices])
    return slices, volume


def registered(low, high, spacing):
    """The high-energy volume moved rigidly onto the other."""
    def image(volume):
        result = sitk.GetImageFromArray(volume)
        result.SetSpacing(spacing)
        return result
    fixed, moving = image(low), image(high)
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(50)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(0.01, 1)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 60)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([4, 2])
    method.SetSmoothingSigmasPerLevel([2, 1])
    start = sitk.CenteredTransformInitializer(fixed, moving, sitk.Euler3DTransform(),
                                              sitk.CenteredTransformInitializerFilter.GEOMETRY)
    method.SetInitialTransform(start, inPlace=False)
    transform = method.Execute(fixed, moving)
    return sitk.GetArrayFromImage(sitk.Resample(moving, fixed, transform, sitk.sitkLinear, -1000.0))


def main():
    study, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    seconds, clock = {}, time.perf_counter()

    def lap(name):
        nonlocal clock
        now = time.perf_counter()
        seconds[name], clock = now - clock, now

    slices, low = read(study, float(sys.argv[3]))
    _, high = read(study, float(sys.argv[4]))
    lap("read")
    first = slices[0]
    row, column = (float(x) for x in first.PixelSpacing)
    step = float(slices[1].ImagePositionPatient[2]) - float(first.ImagePositionPatient[2])
    high = registered(low, high, (column, row, step))
    lap("register")
    # Apatite, fat and soft tissue with volume conservation, in HU on muscle: two equations a voxel.
    low = ndimage.gaussian_filter(low, 0.6)
    high = ndimage.gaussian_filter(high, 0.6)
    apatite, fat = np.array([2.1, 0.93]), np.array([-155.0, -104.0])
    inverse = np.linalg.inv(np.stack([apatite, fat], axis=1)).astype(np.float32)
    density = inverse[0, 0] * (low - 46) + inverse[0, 1] * (high - 41)
    ratio = (low - 46) / np.maximum(high - 41, 1)
    lap("decompose")
    body = ndimage.binary_fill_holes(low > -300)
    mixed = (low + high) / 2
    components = cc3d.dust(((mixed > 150) & body).astype(np.uint8), threshold=5, connectivity=26)
    components = cc3d.connected_components(components, connectivity=26)
    voxel = row * column * step
    statistics = cc3d.statistics(components)
    sizes = statistics["voxel_counts"] * voxel
    depth = edt.edt(body, anisotropy=(step, row, column), parallel=2)
    to_bone = edt.edt(~(sizes > 250)[components] | (components == 0), anisotropy=(step, row, column), parallel=2)
    lap("segment")
    keep = [i for i in range(1, len(sizes)) if sizes[i] <= 250]
    index = np.asarray(keep)
    found = []
    if keep:
        found = list(zip(*(f.tolist() for f in (
            ndimage.sum(density, components, index) * voxel / 1000, ndimage.mean(ratio, components, index),
            ndimage.minimum(depth, components, index), ndimage.minimum(to_bone, components, index)))))
    lap("measure")
    table = np.zeros(len(sizes), np.uint8)
    table[keep] = 1
    description = hd.seg.SegmentDescription(
        segment_number=1, segment_label="Calcification",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=hd.sr.CodedConcept("18115005", "SCT", "Pathologic calcification"),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name="script", version="1", family=codes.cid7162.ArtificialIntelligence))
    hd.seg.Segmentation(
        source_images=slices, pixel_array=table[components], segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[description], series_instance_uid=hd.UID(), series_number=100,
        sop_instance_uid=hd.UID(), instance_number=1, manufacturer="script", manufacturer_model_name="script",
        software_versions="1", device_serial_number="1").save_as(output / "seg.dcm")
    lap("write")
    (output / "deposits.json").write_text(json.dumps(found))
    print(json.dumps({"seconds": seconds, "deposits": len(found)}))


if __name__ == "__main__":
    main()
