"""A radiologist's corrections of our segmentation: written by another editor, sent back, measured, read back."""
import json
import time

import highdicom
import numpy
import pydicom
import pytest
from highdicom.sr.coding import CodedConcept
from pydicom.uid import generate_uid

from installation import send, wait_for
from readers import dciodvfy_errors, numbers
from scanner import energies, play, series

DEPOSITS = {("18115005", "SCT"), ("1710001", "SCT"), ("INDETMIN", "99APATITE")}


@pytest.fixture(scope="module")
def study(phantom):
    return phantom("--slices", "120", "--seed", "11") / "study"


def reported(apatite, revision):
    def done():
        state = [(found["state"], found.get("revision")) for found in apatite.studies()]
        lines = apatite.deliveries()
        return state == [("reported", revision)] and lines and all(line["state"] == "delivered" for line in lines)
    wait_for(f"revision {revision}", 240, done, 0.3)


def newest(pacs, modality, folder):
    """The object of the highest revision, as a file."""
    found = []
    for instance in pacs.results()[modality]:
        path = folder / f"{instance}.dcm"
        path.write_bytes(pacs.download(f"/instances/{instance}/file"))
        data = pydicom.dcmread(path, stop_before_pixels=True)
        revision = data.SeriesDescription.partition("revision ")[2].split(" ")[0]
        found.append((int(revision or 1), path))
    return max(found)[1]


def segments(path):
    """Voxels, type and tracking of the deposits of a segmentation, on the grid of its source images."""
    image = highdicom.seg.segread(path)
    sources = [uids[2] for uids in image.get_source_image_uids()]
    result = {}
    for number in image.segment_numbers:
        description = image.get_segment_description(number)
        kind = description.segmented_property_type
        if (kind.value, kind.scheme_designator) in DEPOSITS:
            mask = image.get_pixels_by_source_instance(
                sources, segment_numbers=[number], assert_missing_frames_are_empty=True)
            result[description.tracking_uid] = (description, mask[..., 0] > 0, sources)
    return result


def edited(path, images, target, reader="Lésard^Zoé"):
    """As an editor with its own ways writes it: the largest deposit gone, voxels of another shaved, one drawn anew."""
    found = segments(path)
    order = sorted(found, key=lambda uid: -found[uid][1].sum())
    assert len(order) >= 2, "the hand has deposits to edit"
    headers = [pydicom.dcmread(p) for _, p in images]
    headers.sort(key=lambda h: found[order[0]][2].index(h.SOPInstanceUID))
    masks = {uid: found[uid][1].copy() for uid in order[1:]}
    shaved = masks[order[1]]
    shaved[numpy.flatnonzero(shaved.any(axis=(1, 2)))[0]] = False
    drawn = numpy.zeros_like(shaved)
    middle = [n // 2 for n in drawn.shape]
    drawn[middle[0]:middle[0] + 3, middle[1]:middle[1] + 4, middle[2]:middle[2] + 4] = True
    masks[None] = drawn & ~numpy.any(list(masks.values()), axis=0)
    calcification = CodedConcept("18115005", "SCT", "Pathologic calcification, calcified structure")
    descriptions = []
    for number, uid in enumerate(masks, 1):
        own = found[uid][0] if uid else None
        descriptions.append(highdicom.seg.SegmentDescription(
            number, own.segment_label if own else "drawn", CodedConcept("49755003", "SCT", "Morphologically Altered Structure"),
            own.segmented_property_type if own else calcification, "MANUAL",
            tracking_uid=uid, tracking_id=own.tracking_id if own else None))
    pixels = numpy.stack(list(masks.values()), axis=-1).astype(numpy.uint8)
    segmentation = highdicom.seg.Segmentation(
        headers, pixels, "BINARY", descriptions, generate_uid(), 77, generate_uid(), 1, "Editor's maker", "Editor", "1", "2",
        content_creator_name=reader, series_description="Corrected")
    segmentation.save_as(target)
    return masks, [header.SOPInstanceUID for header in headers]


def observers(report):
    return [
        item for item in report.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue in ("121008", "121013")]


def test_an_edited_segmentation_comes_back_as_a_measured_report(study, pacs, install, tmp_path):
    apatite = install([("pacs", pacs.dicom_port, "PACS")])
    play(study, apatite.port)
    reported(apatite, 1)
    first = pydicom.dcmread(newest(pacs, "SR", tmp_path))
    path = tmp_path / "edited.dcm"
    masks, slices = edited(newest(pacs, "SEG", tmp_path), energies(study)[0], path)
    edit = pydicom.dcmread(path, stop_before_pixels=True)
    assert send([path], apatite.port, calling="EDITOR").returncode == 0
    reported(apatite, 2)

    report = highdicom.sr.srread(newest(pacs, "SR", tmp_path))
    assert report.SeriesDescription.endswith("revision 2 - reviewed")
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert len(groups) == len(masks)
    assert {g.tracking_uid for g in groups} >= {uid for uid in masks if uid}
    assert all(numbers(group[0]) for group in groups)
    names = [str(item.get("PersonName", item.get("TextValue"))) for item in observers(report)]
    assert names == ["APATITE", "Lésard^Zoé"]
    replaced = report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert replaced.ReferencedSOPInstanceUID == first.SOPInstanceUID
    evidence = {
        instance.ReferencedSOPInstanceUID for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence for instance in series.ReferencedSOPSequence}
    assert edit.SOPInstanceUID in evidence
    impression = next(i for i in report.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "121072")
    assert "contours reviewed by a reader" in impression.ContentSequence[1].TextValue

    # The voxels that were measured are the reader's, one for one.
    measured = segments(newest(pacs, "SEG", tmp_path))
    assert len(measured) == len(masks)
    for uid, mask in masks.items():
        own = measured[uid] if uid else next(measured[u] for u in measured if u not in masks)
        assert numpy.array_equal(own[1][[own[2].index(uid) for uid in slices]], mask)

    # The same once more changes nothing, and neither does what we wrote, back from the PACS.
    count = len(pacs.instances())
    assert send([path, newest(pacs, "SEG", tmp_path)], apatite.port, calling="EDITOR").returncode == 0
    wait_for("both to be looked at", 60, lambda: [
        r["state"] for r in json.loads(apatite.ctl("show", "1", "--json"))["reviews"]] == ["measured", "unchanged"])
    reported(apatite, 2)
    assert len(pacs.instances()) == count
    assert "Zoé" not in apatite.log.read_text() and "measured" in apatite.ctl("show", "1")


def test_what_cannot_be_measured_is_told_where_the_reader_looks(study, pacs, install, tmp_path):
    apatite = install([("pacs", pacs.dicom_port, "PACS")])
    play(study, apatite.port)
    reported(apatite, 1)
    wrong = pydicom.dcmread(newest(pacs, "SEG", tmp_path))
    wrong.SOPInstanceUID = wrong.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    wrong.FrameOfReferenceUID = generate_uid()
    wrong.save_as(tmp_path / "wrong.dcm")
    assert send([tmp_path / "wrong.dcm"], apatite.port, calling="EDITOR").returncode == 0
    wait_for("the refusal", 60, lambda: "contoursOfOtherFrame" in apatite.ctl("show", "1", "--json"))
    assert "another frame of reference" in apatite.ctl("show", "1")
    assert "reviewed contours refused" in apatite.log.read_text()
    # In the PACS a revision with the same numbers says why it does not rest on them, and what to do.
    reported(apatite, 2)
    report = pydicom.dcmread(newest(pacs, "SR", tmp_path))
    impression = next(i for i in report.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "121072")
    words = impression.ContentSequence[1].TextValue
    assert "WERE NOT MEASURED" in words and "another frame of reference" in words and "Draw on the images" in words
    # The same once more is no news.
    assert send([tmp_path / "wrong.dcm"], apatite.port, calling="EDITOR").returncode == 0
    time.sleep(3)
    reported(apatite, 2)


def test_contours_that_an_editor_put_into_a_study_of_their_own(study, pacs, install, tmp_path):
    apatite = install([("pacs", pacs.dicom_port, "PACS")])
    play(study, apatite.port)
    reported(apatite, 1)
    path = tmp_path / "edited.dcm"
    edited(newest(pacs, "SEG", tmp_path), energies(study)[0], path)
    data = pydicom.dcmread(path)
    data.StudyInstanceUID = generate_uid()
    data.save_as(path)
    assert send([path], apatite.port, calling="EDITOR").returncode == 0
    wait_for("the review", 60, lambda: json.loads(apatite.ctl("show", "1", "--json"))["reviews"])
    wait_for("revision 2", 240, lambda: [
        (s["state"], s.get("revision")) for s in apatite.studies() if s["instances"] > 1] == [("reported", 2)], 0.3)
    wait_for("its delivery", 60, apatite.all_delivered)
    report = pydicom.dcmread(newest(pacs, "SR", tmp_path))
    elsewhere = [s.StudyInstanceUID for s in report.PertinentOtherEvidenceSequence]
    assert elsewhere == [data.StudyInstanceUID] and dciodvfy_errors(newest(pacs, "SR", tmp_path)) == []

    # Of another patient it is refused, and says so.
    other = pydicom.dcmread(path)
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    other.PatientID = "SOMEBODY"
    other.save_as(tmp_path / "other.dcm")
    assert send([tmp_path / "other.dcm"], apatite.port, calling="EDITOR").returncode == 0
    wait_for("the refusal", 120, lambda: "contoursOfOtherPatient" in apatite.ctl("show", "1", "--json"))
    assert "SOMEBODY" not in apatite.log.read_text()


def test_contours_outlive_a_late_image(study, pacs, install, tmp_path):
    apatite = install([("pacs", pacs.dicom_port, "PACS")])
    low, high = energies(study)
    # The last slices of both energies are late.
    number = sorted(int(header.InstanceNumber) for header, _ in low)[-6]
    late = [path for header, path in low + high if int(header.InstanceNumber) >= number]
    early = [[path for _, path in images if path not in late] for images in series(study)]
    for paths in early:
        assert send(paths, apatite.port).returncode == 0
    reported(apatite, 1)
    path = tmp_path / "edited.dcm"
    masks, _ = edited(newest(pacs, "SEG", tmp_path), [(h, p) for h, p in low if p not in late], path)
    assert send([path], apatite.port, calling="EDITOR").returncode == 0
    reported(apatite, 2)
    assert send(late, apatite.port).returncode == 0
    reported(apatite, 3)
    report = pydicom.dcmread(newest(pacs, "SR", tmp_path))
    impression = next(i for i in report.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "121072")
    assert "reviewed for an earlier revision" in impression.ContentSequence[1].TextValue
    measured = segments(newest(pacs, "SEG", tmp_path))
    assert len(measured) == len(masks)
    for uid, mask in masks.items():
        if uid:
            assert measured[uid][1].sum() == mask.sum()


@pytest.mark.parametrize("point", ["during-analysis:2", "after-analysis-before-report:2"])
def test_a_kill_during_the_measurement_doubles_nothing(point, study, pacs, install, tmp_path):
    apatite = install([("pacs", pacs.dicom_port, "PACS")], environment={"APATITE_CRASH_AT": point})
    play(study, apatite.port)
    reported(apatite, 1)
    path = tmp_path / "edited.dcm"
    edited(newest(pacs, "SEG", tmp_path), energies(study)[0], path)
    assert send([path], apatite.port, calling="EDITOR").returncode == 0
    wait_for(f"the kill at {point}", 120, lambda: not apatite.running())
    apatite.launch()
    reported(apatite, 2)
    assert len(pacs.results()["SR"]) == 2


def test_a_segmentation_that_comes_before_its_images_waits_for_them(study, pacs, install, tmp_path):
    here = install([("pacs", pacs.dicom_port, "PACS")])
    play(study, here.port)
    reported(here, 1)
    path = tmp_path / "edited.dcm"
    edited(newest(pacs, "SEG", tmp_path), energies(study)[0], path)
    here.stop()
    elsewhere = install([("pacs", pacs.dicom_port, "PACS", 'results = ["sr"]')])
    assert send([path], elsewhere.port, calling="EDITOR").returncode == 0
    play(study, elsewhere.port)
    reported(elsewhere, 2)
    assert json.loads(elsewhere.ctl("show", "1", "--json"))["reviews"][0]["revision"] == 2
