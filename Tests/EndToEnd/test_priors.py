"""An earlier report of the same patient, from our own ledger or back from the archive."""
import json

import pydicom
import pytest

from installation import free_port, listens, wait_for
from scanner import play


@pytest.fixture
def follow_up(phantom, tmp_path):
    """A study of a hand, and one of the same hand two years later."""
    first = phantom("--slices", "40", "--seed", "13") / "study"
    later = tmp_path / "later"
    new = {}
    for path in sorted(first.rglob("*.dcm")):
        data = pydicom.dcmread(path)
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
            if keyword in data:
                data[keyword].value = new.setdefault(data[keyword].value, pydicom.uid.generate_uid())
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.StudyDate = str(int(data.StudyDate) + 20000)
        data.AccessionNumber = "LATER"
        target = later / path.relative_to(first)
        target.parent.mkdir(parents=True, exist_ok=True)
        data.save_as(target)
    return first, later


def reported(apatite, count):
    def done():
        states = [study["state"] for study in apatite.studies()]
        lines = apatite.deliveries()
        return states == ["reported"] * count and lines and all(line["state"] == "delivered" for line in lines)
    wait_for("the reports", 240, done, 0.3)


def prior(apatite, row):
    detail = json.loads(apatite.ctl("show", str(row), "--json"))
    return detail["analyses"][-1]["prior"]


def job(apatite, row):
    path, = (apatite.state / "results" / f"study-{row}").glob("analysis-*/job.json")
    return json.loads(path.read_text())


def test_a_prior_comes_from_the_ledger_and_else_from_the_archive(follow_up, pacs, install):
    first, later = follow_up
    here = install([("pacs", pacs.dicom_port, "PACS")])
    play(first, here.port)
    reported(here, 1)
    assert prior(here, 1)["outcome"] == "none"
    play(later, here.port)
    reported(here, 2)
    given = prior(here, 2)
    assert given["outcome"] == "given" and given["origin"] == "ledger" and given["analysis"] == 1
    assert (here.state / given["folder"] / "findings.json").is_file()
    assert job(here, 2)["priorCandidates"] == [str(here.state / given["folder"])]
    assert "analysis 1" in here.ctl("show", "2")
    here.stop()

    # An installation that never saw the first study asks the archive.
    pacs.knows("APATITE", here.port)
    elsewhere = install(
        [("pacs", pacs.dicom_port, "PACS", "results = []"), ("other", pacs.dicom_port, "PACS", 'results = ["sr"]')],
        settings='[priors]\nquery = "pacs"\n')
    before = sorted(pacs.instances())
    play(later, elsewhere.port)
    reported(elsewhere, 1)
    given = prior(elsewhere, 1)
    assert given["outcome"] == "given" and given["origin"] == "archive", given
    folder = elsewhere.state / given["folder"]
    assert pydicom.dcmread(folder / "sr.dcm").StudyDate == pydicom.dcmread(next(first.rglob("*.dcm"))).StudyDate
    assert pydicom.dcmread(folder / "seg.dcm").Modality == "SEG"
    # In the layout of our own results, with the numbers that the report prints.
    original, = (here.state / "results" / "study-1").glob("analysis-*")
    written, back = (json.loads((at / "findings.json").read_text()) for at in (original, folder))
    assert len(list((folder / "maps" / "ha").iterdir())) == len(list((original / "maps" / "ha").iterdir())) > 0
    assert len(back["deposits"]) == len(written["deposits"]) > 0
    for ours, theirs in zip(written["deposits"], back["deposits"]):
        assert ours["material"] == theirs["material"]
        for field in ("volumeMm3", "hydroxyapatiteMassMg"):
            if field in theirs:
                # A report prints no more digits than the interval supports: whole numbers at least.
                assert theirs[field]["value"] == pytest.approx(ours[field]["value"], abs=0.51)
                assert theirs[field]["low"] == pytest.approx(ours[field]["low"], abs=1.01)
    assert (back["acquisition"]["region"], back["acquisition"]["laterality"]) == (
        written["acquisition"]["region"], written["acquisition"]["laterality"])
    # What came back is no input and no study.
    assert len(elsewhere.studies()) == 1
    assert set(before) <= set(pacs.instances())


@pytest.mark.parametrize("knows_us", [True, False], ids=["known", "unknown"])
def test_a_prior_comes_by_c_move_to_the_port_that_is_open_for_it(follow_up, pacs, install, knows_us):
    first, later = follow_up
    here = install([("pacs", pacs.dicom_port, "PACS")])
    play(first, here.port)
    reported(here, 1)
    here.stop()

    port = free_port()
    # Who asks is known in any case; it is the move's destination that matters here. An archive that knows another machine under the AE Title, or a wrong port, sends nothing.
    pacs.knows("APATITE", here.port)
    pacs.knows("APATITE_PRIOR", port if knows_us else free_port())
    elsewhere = install(
        [("pacs", pacs.dicom_port, "PACS", "results = []"), ("other", pacs.dicom_port, "PACS", 'results = ["sr"]')],
        settings='[priors]\nquery = "pacs"\nretrieve = "move"\nmove_ae_title = "APATITE_PRIOR"\n'
                 f"move_port = {port}\ntimeout_seconds = 20\n")
    play(later, elsewhere.port)
    reported(elsewhere, 1)
    given = prior(elsewhere, 1)
    sr, = (elsewhere.state / "results" / "study-1").glob("analysis-*/sr.dcm")
    report = pydicom.dcmread(sr)
    if knows_us:
        assert given["outcome"] == "given" and given["origin"] == "archive", given
        compared, = [i for i in report.ContentSequence if i.ValueType == "COMPOSITE"]
        prior_report = pydicom.dcmread(elsewhere.state / given["folder"] / "sr.dcm")
        assert compared.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == prior_report.SOPInstanceUID
    else:
        assert given["outcome"] == "notReached", given
        impressions, = [i for i in report.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "121072"]
        assert "could not be asked for a prior" in impressions.ContentSequence[1].TextValue
    # Nobody listens there any more, and what came is no study.
    assert not listens(port)
    assert len(elsewhere.studies()) == 1


def test_an_archive_that_is_not_there_costs_the_prior_and_not_the_report(phantom, install, pacs):
    apatite = install(
        [("pacs", pacs.dicom_port, "PACS"), ("dead", free_port(), "DEAD", "results = []")],
        settings='[priors]\nquery = "dead"\ntimeout_seconds = 5\n')
    play(phantom("--slices", "40", "--seed", "13") / "study", apatite.port)
    reported(apatite, 1)
    assert prior(apatite, 1)["outcome"] == "notReached"
    assert "archive not reached" in apatite.ctl("show", "1")
