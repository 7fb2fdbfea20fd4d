"""What each PACS gets and takes, whether it keeps it, and how a report is taken back."""
import subprocess

import pydicom
import pytest

import readers
from installation import free_port, listens, send, wait_for
from scanner import energies, play, rewrite

COMPREHENSIVE_3D, ENHANCED = "1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.88.22"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ASKING = ("commitment = true", "commitment_answer_minutes = 0.1", "rejection_notes = true")


class NarrowArchive:
    """storescp that accepts a few SOP classes only."""

    def __init__(self, folder, classes):
        self.arrived = folder / "arrived"
        self.arrived.mkdir(parents=True)
        self.port = free_port()
        contexts = "\n".join(f"PresentationContext{n} = {uid}\\Plain" for n, uid in enumerate(classes, 1))
        (folder / "storescp.cfg").write_text(
            "[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = LittleEndianExplicit\n"
            f"[[PresentationContexts]]\n[Few]\n{contexts}\n[[Profiles]]\n[Narrow]\nPresentationContexts = Few\n")
        self.process = subprocess.Popen(
            ["storescp", "-xf", folder / "storescp.cfg", "Narrow", "-od", self.arrived, str(self.port)],
            stderr=subprocess.DEVNULL)
        wait_for("storescp", 10, lambda: listens(self.port))

    def classes(self):
        return sorted(readers.read(path).SOPClassUID for path in self.arrived.iterdir())


@pytest.fixture
def narrow(tmp_path):
    archive = NarrowArchive(tmp_path / "narrow", [ENHANCED, SECONDARY_CAPTURE])
    yield archive
    archive.process.kill()


def states(apatite, destination, field):
    return {line["kind"]: line.get(field) for line in apatite.deliveries() if line["destination"] == destination}


def settled(apatite):
    lines = apatite.deliveries()
    return lines and all(
        line["state"] != "waiting" and line.get("commitment") not in ("due", "asked") for line in lines)


def rejection_notes(pacs, folder):
    notes = []
    for number, instance in enumerate(pacs.results().get("KO", [])):
        path = folder / f"note{number}.dcm"
        path.write_bytes(pacs.download(f"/instances/{instance}/file"))
        notes.append(readers.read(path))
    return notes


def named(note):
    return {
        item.ReferencedSOPInstanceUID
        for study in note.CurrentRequestedProcedureEvidenceSequence for one in study.ReferencedSeriesSequence
        for item in one.ReferencedSOPSequence
    }


def test_each_archive_gets_what_it_takes_and_a_withdrawn_report_is_taken_back(
        phantom, pacs, narrow, install, tmp_path):
    apatite = install([
        ("pacs", pacs.dicom_port, "PACS", 'results = ["sr", "picture"]', *ASKING),
        ("narrow", narrow.port, "NARROW", 'results = ["sr", "seg", "picture", "maps:ha"]', *ASKING[:2]),
    ])
    pacs.knows("APATITE", apatite.port)
    play(phantom("--slices", "40", "--seed", "13") / "study", apatite.port)
    wait_for("every delivery's fate", 180, lambda: settled(apatite), 0.3)

    # The classes are switches, each destination has its own; what one refuses holds up neither the rest nor the other.
    at_pacs, at_narrow = states(apatite, "pacs", "state"), states(apatite, "narrow", "state")
    assert {"sr", "summary"} <= set(at_pacs) and set(at_pacs.values()) == {"delivered"}
    assert "seg" not in at_pacs and "SEG" not in pacs.results() and not any(k.startswith("maps") for k in at_pacs)
    assert (at_narrow["sr"], at_narrow["seg"], at_narrow["summary"]) == ("delivered", "refused", "delivered")
    assert at_narrow["maps:ha"] == "refused" and "maps:vmi:70" not in at_narrow
    assert states(apatite, "pacs", "acceptedSOPClassUID")["sr"] == COMPREHENSIVE_3D
    assert states(apatite, "narrow", "acceptedSOPClassUID")["sr"] == ENHANCED
    assert set(narrow.classes()) == {SECONDARY_CAPTURE, ENHANCED}
    for path in narrow.arrived.iterdir():
        assert readers.dciodvfy_errors(path) == []
    # The fact is stated, and nothing is tried for ever.
    assert "SOP class" in apatite.ctl("show", "1") and "refused" in apatite.ctl("deliveries", "--open")

    # Orthanc offers storage commitment, storescp does not.
    assert set(states(apatite, "pacs", "commitment").values()) == {"committed"}
    unasked = states(apatite, "narrow", "commitment")
    assert (unasked["sr"], unasked["seg"], unasked["summary"]) == ("notOffered", None, "notOffered")

    # Withdrawn with the service down: the queue is the ledger.
    apatite.stop()
    assert "rejection note to pacs" in apatite.ctl("withdraw", "1")
    assert "already" in subprocess.run(
        [apatite.binaries / "apatitectl", "withdraw", "1", "--config", apatite.configuration], capture_output=True,
        text=True).stderr
    assert pacs.results().get("KO") is None
    apatite.launch()
    wait_for("the rejection note", 60, lambda: pacs.results().get("KO"))
    wait_for("its commitment", 60, lambda: settled(apatite), 0.3)
    note, = rejection_notes(pacs, tmp_path)
    sent = {line["sopInstanceUID"] for line in apatite.deliveries()
            if line["destination"] == "pacs" and line["kind"] != "rejectionNote"}
    assert named(note) == sent
    assert note.ContentSequence and note.ConceptNameCodeSequence[0].CodeValue == "113037"
    assert set(narrow.classes()) == {SECONDARY_CAPTURE, ENHANCED}
    assert "withdrawn" in apatite.ctl("show", "1")


@pytest.mark.parametrize("point", ["before-commitment-request", "after-note-before-row"])
def test_a_kill_doubles_neither_a_result_nor_a_rejection_note(point, phantom, pacs, install, tmp_path):
    study = phantom("--slices", "40", "--seed", "13") / "study"
    apatite = install([("pacs", pacs.dicom_port, "PACS", *ASKING)], environment={"APATITE_CRASH_AT": point})
    pacs.knows("APATITE", apatite.port)
    play(study, apatite.port)
    if point == "after-note-before-row":
        wait_for("the results", 180, lambda: settled(apatite), 0.3)
        apatite.ctl("withdraw", "1")
    wait_for(f"the kill at {point}", 180, lambda: not apatite.running())
    assert apatite.process.returncode == -9
    apatite.launch()
    if point == "before-commitment-request":
        wait_for("the results", 60, lambda: settled(apatite), 0.3)
        apatite.ctl("withdraw", "1")
    wait_for("the rejection note", 60, lambda: "rejectionNote" in states(apatite, "pacs", "state"), 0.3)
    wait_for("its commitment", 60, lambda: settled(apatite), 0.3)
    assert set(states(apatite, "pacs", "commitment").values()) == {"committed"}
    results = pacs.results()
    assert [len(results[modality]) for modality in ("SR", "SEG", "KO")] == [1, 1, 1]
    assert len(pacs.instances()) == len(apatite.deliveries())
    # The note stands in the ledger once, whatever the kill left on the disk.
    assert len([line for line in apatite.deliveries() if line["kind"] == "rejectionNote"]) == 1


def one_slice_more(images, folder):
    """A slice behind the last of a series, as a late image brings it."""
    gap = [float(b) - float(a) for a, b in zip(
        images[-2][0].ImagePositionPatient, images[-1][0].ImagePositionPatient)]

    def change(data, _):
        data.SOPInstanceUID = pydicom.uid.generate_uid()
        data.InstanceNumber = int(data.InstanceNumber) + 1
        data.ImagePositionPatient = [float(a) + g for a, g in zip(data.ImagePositionPatient, gap)]
        if "SliceLocation" in data:
            data.SliceLocation = data.ImagePositionPatient[2]

    return rewrite(images[-1:], folder, change)


def test_a_revision_takes_back_what_it_replaces(phantom, pacs, install, tmp_path):
    study = phantom("--slices", "40", "--seed", "13") / "study"
    apatite = install([("pacs", pacs.dicom_port, "PACS", "rejection_notes = true")])
    play(study, apatite.port)
    wait_for("the report", 180, lambda: [s["state"] for s in apatite.studies()] == ["reported"], 0.3)
    wait_for("its delivery", 60, lambda: settled(apatite), 0.3)
    first = {line["sopInstanceUID"] for line in apatite.deliveries()}
    late = [path for number, images in enumerate(energies(study))
            for path in one_slice_more(images, tmp_path / f"late{number}")]
    assert send(late, apatite.port).returncode == 0
    wait_for("the second report", 180, lambda: [s.get("revision") for s in apatite.studies()] == [2], 0.3)
    wait_for("the rejection note", 60, lambda: pacs.results().get("KO"))
    note, = rejection_notes(pacs, tmp_path)
    assert named(note) == first
    assert note.ConceptNameCodeSequence[0].CodeValue == "113001"
