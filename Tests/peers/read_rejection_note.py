"""Reads a rejection note with highdicom and prints what it found as JSON.

usage: read_rejection_note.py NOTE.dcm
"""
import json
import sys

import highdicom as hd
import pydicom

dataset = pydicom.dcmread(sys.argv[1])
document = hd.ko.KeyObjectSelectionDocument.from_dataset(dataset)
title = document.content[0].ConceptNameCodeSequence[0]
references = [str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID) for item in document.content.get_references()]
evidence = {
    str(instance.ReferencedSOPInstanceUID): str(series.SeriesInstanceUID)
    for study in document.CurrentRequestedProcedureEvidenceSequence
    for series in study.ReferencedSeriesSequence
    for instance in series.ReferencedSOPSequence
}
resolved = [document.resolve_reference(uid) for uid in references]
print(
    json.dumps(
        {
            "title": f"{title.CodingSchemeDesignator}|{title.CodeValue}",
            "references": references,
            "series": [str(series) for _, series, _ in resolved],
            "evidence": evidence,
            "patientName": str(document.PatientName),
            "study": str(document.StudyInstanceUID),
            "contentTime": document.ContentTime,
            "description": [
                item.TextValue for item in document.content[0].ContentSequence if item.ValueType == "TEXT"
            ][-1],
        }
    )
)
