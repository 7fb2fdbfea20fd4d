"""Reads structured reports and segmentations with highdicom and prints what it found as a JSON list.

usage: read_results.py SR.dcm[,SEG.dcm] ...
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
        "method": item.method.value if item.method else None,
        "text": str(item[0].MeasuredValueSequence[0].NumericValue) if item.value is not None else None,
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
        "modifier": code(site.topographical_modifier) if site is not None and site.topographical_modifier else None,
        "segment": segment.referenced_segment_numbers[0] if segment is not None else None,
        "segmentation": str(segment.referenced_sop_instance_uid) if segment is not None else None,
        "measurements": [measurement(m) for m in item.get_measurements()],
        "evaluations": [[code(q.name), code(q.value)] for q in item.get_qualitative_evaluations()],
        "comments": [i.TextValue for i in item[0].ContentSequence if i.ValueType == "TEXT"
                     and i.ConceptNameCodeSequence[0].CodeValue == "121106"],
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
        if child.ValueType == "TEXT" and child.ConceptNameCodeSequence[0].CodeValue == "121073"
    ]
    languages = [
        item.ContentSequence[0].ConceptCodeSequence[0].CodeValue
        for item in sr.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "121072"
    ]
    other_evidence = [
        str(instance.ReferencedSOPInstanceUID)
        for study in getattr(sr, "PertinentOtherEvidenceSequence", [])
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    composites = [
        str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
        for item in sr.ContentSequence
        if item.ValueType == "COMPOSITE"
    ]
    return {
        "type": type(sr).__name__,
        "completion": sr.CompletionFlag,
        "completionDescription": getattr(sr, "CompletionFlagDescription", ""),
        "languages": languages,
        "otherEvidence": other_evidence,
        "composites": composites,
        "verification": sr.VerificationFlag,
        "patientName": str(sr.PatientName),
        "seriesDescription": sr.SeriesDescription,
        "sopInstanceUID": str(sr.SOPInstanceUID),
        "evidence": evidence,
        "predecessors": predecessors,
        "items": first,
        "impressions": impressions,
        "recommendations": [item.TextValue for item in sr.ContentSequence
                            if item.ConceptNameCodeSequence[0].CodeValue == "121075"],
        "deposits": [group(g) for g in content.get_volumetric_roi_measurement_groups()],
        "others": [group(g) for g in content.get_image_measurement_groups()],
    }


def segments(path):
    seg = hd.seg.segread(path)
    volume = seg.get_volume(combine_segments=False)
    # Frame by frame from the source images that each names: only where the pixels' places are the source's.
    seen = {str(uid) for _, _, uid in seg.get_source_image_uids()}
    by_source = seg.get_pixels_by_source_instance(
        sorted(seen), combine_segments=False, assert_missing_frames_are_empty=True)
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
                "category": code(description.segmented_property_category),
                "type": code(description.segmented_property_type),
                "regions": [code(r) for r in description.anatomic_regions],
                "sides": [
                    f"{m.CodingSchemeDesignator}|{m.CodeValue}"
                    for r in getattr(description, "AnatomicRegionSequence", [])
                    for m in getattr(r, "AnatomicRegionModifierSequence", [])
                ],
                "colour": [int(v) for v in description.RecommendedDisplayCIELabValue],
                "trackingIdentifier": description.tracking_id,
                "trackingUID": str(description.tracking_uid) if description.tracking_uid else None,
                "voxels": int(len(indices)),
                "voxelsOnSources": int((by_source[..., channel] > 0).sum()),
                "centre": [None if c is None else float(c) for c in centre],
            }
        )
    return {
        "sopInstanceUID": str(seg.SOPInstanceUID),
        "referencedSeries": str(seg.ReferencedSeriesSequence[0].SeriesInstanceUID),
        "patientName": str(seg.PatientName),
        "segments": result,
    }


output = []
for argument in sys.argv[1:]:
    paths = argument.split(",")
    found = {"report": report(paths[0])}
    if len(paths) > 1:
        found["segmentation"] = segments(paths[1])
    output.append(found)
print(json.dumps(output))
