"""Reads a structured report and a segmentation with highdicom and prints what it found as JSON.

usage: read_results.py SR.dcm [SEG.dcm]
"""
import json
import sys

import highdicom as hd
import numpy as np


def code(concept):
    return f"{concept.scheme_designator}|{concept.value}"


def measurement(item):
    children = {}
    for child in getattr(item[0], "ContentSequence", []):
        if child.ValueType == "NUM":
            children[child.ConceptNameCodeSequence[0].CodeValue] = float(child.value)
    return {
        "concept": code(item.name),
        "value": None if item.value is None else float(item.value),
        "unit": item.unit.value,
        "derivation": item.derivation.value if item.derivation else None,
        "above": children.get("371886008"),
        "below": children.get("371885007"),
    }


def group(item):
    site = item.finding_sites[0] if item.finding_sites else None
    segment = getattr(item, "referenced_segment", None)
    return {
        "identifier": item.tracking_identifier,
        "uid": str(item.tracking_uid),
        "finding": code(item.finding_type),
        "site": code(site.value) if site else None,
        "laterality": code(site.laterality) if site is not None and site.laterality else None,
        "segment": segment.referenced_segment_numbers[0] if segment is not None else None,
        "segmentation": str(segment.referenced_sop_instance_uid) if segment is not None else None,
        "measurements": [measurement(m) for m in item.get_measurements()],
        "evaluations": [[code(q.name), code(q.value)] for q in item.get_qualitative_evaluations()],
    }


def report(path):
    sr = hd.sr.srread(path)
    content = sr.content
    evidence = [
        str(instance.ReferencedSOPInstanceUID)
        for study in sr.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    predecessors = [
        str(instance.ReferencedSOPInstanceUID)
        for study in getattr(sr, "PredecessorDocumentsSequence", [])
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    first = [item.ConceptNameCodeSequence[0].CodeMeaning for item in sr.ContentSequence]
    impressions = [
        child.TextValue
        for item in sr.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "121072"
        for child in item.ContentSequence
        if child.ValueType == "TEXT"
    ]
    return {
        "type": type(sr).__name__,
        "completion": sr.CompletionFlag,
        "verification": sr.VerificationFlag,
        "patientName": str(sr.PatientName),
        "seriesDescription": sr.SeriesDescription,
        "sopInstanceUID": str(sr.SOPInstanceUID),
        "evidence": evidence,
        "predecessors": predecessors,
        "items": first,
        "impressions": impressions,
        "deposits": [group(g) for g in content.get_volumetric_roi_measurement_groups()],
        "others": [group(g) for g in content.get_image_measurement_groups()],
    }


def segments(path):
    seg = hd.seg.segread(path)
    volume = seg.get_volume(combine_segments=False)
    result = []
    for channel, number in enumerate(seg.segment_numbers):
        description = seg.get_segment_description(number)
        indices = np.argwhere(volume.array[..., channel] > 0)
        # Centre of gravity in patient coordinates, from the geometry that highdicom reconstructs.
        centre = volume.map_indices_to_reference(indices).mean(axis=0) if len(indices) else [None] * 3
        result.append(
            {
                "number": int(number),
                "label": description.segment_label,
                "type": code(description.segmented_property_type),
                "trackingIdentifier": description.tracking_id,
                "trackingUID": str(description.tracking_uid) if description.tracking_uid else None,
                "voxels": int(len(indices)),
                "centre": [None if c is None else float(c) for c in centre],
            }
        )
    return {
        "sopInstanceUID": str(seg.SOPInstanceUID),
        "referencedSeries": str(seg.ReferencedSeriesSequence[0].SeriesInstanceUID),
        "patientName": str(seg.PatientName),
        "segments": result,
    }


output = {"report": report(sys.argv[1])}
if len(sys.argv) > 2:
    output["segmentation"] = segments(sys.argv[2])
print(json.dumps(output))
