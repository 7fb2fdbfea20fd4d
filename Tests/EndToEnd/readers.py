"""What software that is not ours reads in our results."""
import subprocess

import highdicom
import numpy
import pydicom

CALCIFICATION = "18115005"
VOLUME, MASS = "118565006", "HAMASS"


def numbers(group):
    """Value and both ends of the interval by code, of one measurement group of a TID 1500 report."""
    result = {}
    for item in group.ContentSequence:
        if item.ValueType != "NUM" or "MeasuredValueSequence" not in item or not item.MeasuredValueSequence:
            continue
        code = item.ConceptNameCodeSequence[0].CodeValue
        value = float(item.MeasuredValueSequence[0].NumericValue)
        widths = {
            child.ConceptNameCodeSequence[0].CodeValue: float(child.MeasuredValueSequence[0].NumericValue)
            for child in item.get("ContentSequence", []) if child.ValueType == "NUM"
        }
        result.setdefault(code, (value, value - widths.get("371885007", 0), value + widths.get("371886008", 0)))
    return result


def deposits(report):
    """The measurement groups of the calcium deposits of a report, as highdicom finds them."""
    document = highdicom.sr.srread(report)
    groups = document.content.get_volumetric_roi_measurement_groups()
    return [(group.tracking_identifier, numbers(group[0])) for group in groups]


def segment_volumes(segmentation):
    """Volume in mm3 and centre in patient coordinates of every segment, by its label."""
    image = highdicom.seg.segread(segmentation)
    measures = image.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    row, column = (float(v) for v in measures.PixelSpacing)
    depth = float(measures.get("SpacingBetweenSlices", measures.SliceThickness))
    result = {}
    for number in image.segment_numbers:
        description = image.get_segment_description(number)
        frames = [
            i for i, f in enumerate(image.PerFrameFunctionalGroupsSequence)
            if f.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
        ]
        pixels = image.pixel_array if image.pixel_array.ndim == 3 else image.pixel_array[None]
        result[description.SegmentLabel] = float(numpy.count_nonzero(pixels[frames])) * row * column * depth
    return result


def dciodvfy_errors(path):
    run = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True)
    return [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("Error")]


def dcentvfy_faults(paths):
    """What contradicts itself between objects of one study; the tool takes an accession number for the series' own."""
    run = subprocess.run(["dcentvfy", *paths], capture_output=True, text=True)
    return [line for line in (run.stdout + run.stderr).splitlines() if line and "AccessionNumber" not in line]


def dsrdump(path):
    run = subprocess.run(["dsrdump", "+Pl", "+Pc", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def read(path):
    return pydicom.dcmread(path)
