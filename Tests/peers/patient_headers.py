"""Headers as scanners all over the world send them, and what became of them in results.

usage: patient_headers.py write FOLDER              writes NAME.dcm for each kind of header and prints the names
       patient_headers.py compare NAME.dcm RESULT.dcm ...   prints as JSON every attribute that differs
"""
import json
import sys

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

TEXTS = ["IssuerOfPatientID", "EthnicGroup", "PatientComments", "Occupation", "AdditionalPatientHistory", "MedicalAlerts",
         "Allergies", "StudyDescription", "AdmittingDiagnosesDescription"]
NAMES = ["PatientName", "OtherPatientNames", "ReferringPhysicianName", "PhysiciansOfRecord",
         "NameOfPhysiciansReadingStudy", "ConsultingPhysicianName"]
PLAIN = {
    "PatientID": "APA-001", "PatientBirthDate": "19600101", "PatientBirthTime": "0415", "PatientSex": "O",
    "PatientAge": "066Y", "PatientSize": "1.72", "PatientWeight": "64.5", "SmokingStatus": "NO", "PregnancyStatus": 4,
    "PatientSexNeutered": "", "PatientIdentityRemoved": "NO", "StudyInstanceUID": "2.25.77", "StudyDate": "20260102",
    "StudyTime": "101500.25", "AccessionNumber": "ACC-17", "StudyID": "S 1", "TimezoneOffsetFromUTC": "+0100",
    "AdmissionID": "AD 9", "ServiceEpisodeID": "E3",
}
KINDS = {
    "latin1": ("ISO_IR 100", "Müller^Zoë^Élise", "Diagnose: Sklerodermie, früh"),
    "utf8": ("ISO_IR 192", "Ångström^Żaneta=王^小明", "Ελληνικά, česky, 中文"),
    "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "強皮症の手"),
    "arabic": ("ISO_IR 127", "قباني^لنزار", "تصلب الجلد"),
    "empty": ("ISO_IR 100", "", ""),
    "overlong": ("ISO_IR 192", "Wolfeschlegelsteinhausenbergerdorff" * 3 + "^Hubert", "Lorem ipsum " * 20),
}


def code(value, scheme, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def header(kind):
    character_set, name, text = KINDS[kind]
    dataset = Dataset()
    dataset.SpecificCharacterSet = character_set
    for keyword, value in PLAIN.items():
        required = keyword in ("StudyInstanceUID",)
        dataset.__setattr__(keyword, value if kind != "empty" or required else None)
    for keyword in NAMES:
        dataset.__setattr__(keyword, name)
    for keyword in TEXTS:
        # A short string holds 16 characters, and a checker counts their bytes.
        short = keyword in ("EthnicGroup", "Occupation") and kind != "overlong"
        dataset.__setattr__(keyword, text[:8] if short else text)
    if kind == "overlong":
        dataset.PatientID = "0123456789" * 10
        dataset.AccessionNumber = "A" * 30
        dataset.StudyID = "S" * 30
    if kind != "empty":
        dataset.ProcedureCodeSequence = [
            code("HANDCT", "99SITE", text[:60] or "CT"), code("241541005", "SCT", "High resolution CT")]
        issuer = Dataset()
        issuer.LocalNamespaceEntityID = text[:40]
        dataset.IssuerOfAccessionNumberSequence = [issuer]
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", "2.25.55"
        dataset.ReferencedStudySequence = [reference]
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "2.25.1000"
    dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = "2.25.78", "2.25.79"
    dataset.BodyPartExamined, dataset.Modality = "HAND", "CT"
    return dataset


def write(folder):
    for kind in KINDS:
        dataset = header(kind)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.save_as(f"{folder}/{kind}.dcm", enforce_file_format=True)
    return list(KINDS)


def values(dataset, keyword):
    value = dataset.get(keyword)
    if isinstance(value, pydicom.Sequence):
        return [{e.keyword: str(e.value) for e in item} for item in value]
    return "" if value is None else str(value).rstrip()


def compare(source, results):
    source = pydicom.dcmread(source)
    own = {"SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
           "BodyPartExamined", "Modality"}
    copied = [element.keyword for element in source if element.keyword not in own]
    # Type 2 attributes: there also when the source lacks them.
    required = {"PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
                "AccessionNumber", "ReferringPhysicianName", "StudyID"}
    different = []
    for path in results:
        result = pydicom.dcmread(path, stop_before_pixels=True)
        for keyword in copied:
            if values(result, keyword) != values(source, keyword) or keyword not in result:
                different.append(f"{path} {keyword}: {values(result, keyword)} is not {values(source, keyword)}")
        if result.Modality == "SR":
            # The tree too names every procedure that a code item can hold.
            named = [item.ConceptCodeSequence[0].CodeValue for item in result.ContentSequence
                     if item.ConceptNameCodeSequence[0].CodeValue == "121058"]
            wanted = [item.CodeValue for item in source.get("ProcedureCodeSequence", [])] or ["25045-6"]
            if named != wanted:
                different.append(f"{path}: procedures {named} are not {wanted}")
        for element in result.group_dataset(0x0010):
            if element.keyword not in source and element.keyword not in required:
                different.append(f"{path} {element.keyword} came from nowhere")
    return {"count": len(copied), "different": different}


if sys.argv[1] == "write":
    print(json.dumps(write(sys.argv[2])))
else:
    print(json.dumps(compare(sys.argv[2], sys.argv[3:])))
