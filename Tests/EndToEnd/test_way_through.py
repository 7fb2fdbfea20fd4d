"""From scanner to PACS with real peers, read back by readers that are not ours."""
import json
import subprocess
import time

import pynetdicom
import pytest

import readers
from installation import QUIET_SECONDS, free_port, listens, wait_for
from scanner import play, series

# Limits of what the report may say against what the simulation holds. They are wide on purpose: accuracy is measured
# by the benchmarks, this test asks whether the right numbers arrive.
MASS_TOLERANCE, VOLUME_TOLERANCE, REACH_MM = 0.25, 0.35, 4.0


def study_state(apatite):
    studies = apatite.studies()
    return studies[0]["state"] if studies else None


def settle(apatite, state="reported", seconds=240):
    wait_for(f"the study to be {state}", seconds, lambda: study_state(apatite) == state, 0.3)


def fetch(pacs, folder):
    """Every result in the PACS as a file, by modality."""
    files = {}
    for modality, instances in pacs.results().items():
        for number, instance in enumerate(instances):
            path = folder / f"{modality}{number}.dcm"
            path.write_bytes(pacs.download(f"/instances/{instance}/file"))
            files.setdefault(modality, []).append(path)
    return files


def test_a_study_comes_back_as_a_report_and_a_second_send_changes_nothing(phantom, pacs, install, tmp_path):
    made = phantom("--slices", "120", "--seed", "11")
    apatite = install([("pacs", pacs.dicom_port, "PACS")])
    for sender in play(made / "study", apatite.port):
        assert sender.returncode == 0, sender.stderr
    settle(apatite)
    wait_for("the results in the PACS", 60, apatite.all_delivered)
    files = fetch(pacs, tmp_path)
    assert {modality: len(paths) for modality, paths in files.items() if modality != "OT"} == {"SR": 1, "SEG": 1}
    assert 1 <= len(files["OT"]) <= 12
    # The only CT images in the PACS are the slices of the hydroxyapatite map.
    assert list(pacs.instances().values()).count("CT") == 120

    for paths in files.values():
        for path in paths:
            assert readers.dciodvfy_errors(path) == []
    # The whole study as the PACS has it, with the scanner's images: one patient, one study, one frame of reference.
    maps = []
    for instance in [i for i, modality in pacs.instances().items() if modality == "CT"]:
        maps.append(tmp_path / f"map-{instance}.dcm")
        maps[-1].write_bytes(pacs.download(f"/instances/{instance}/file"))
    scanned = [path for images in series(made / "study") for _, path in images]
    assert readers.dcentvfy_faults(scanned + maps + [path for paths in files.values() for path in paths]) == []
    assert "Impression" in readers.dsrdump(files["SR"][0])

    source = series(made / "study")[0][0][0]
    for paths in files.values():
        data = readers.read(paths[0])
        for keyword in ("PatientID", "PatientName", "PatientBirthDate", "StudyInstanceUID", "AccessionNumber"):
            assert data[keyword].value == source[keyword].value, keyword

    compare_with_truth(files, json.loads((made / "truth" / "truth.json").read_text()))

    before = sorted(pacs.instances())
    for sender in play(made / "study", apatite.port):
        assert sender.returncode == 0, sender.stderr
    # Longer than the quiet time: a study that wrongly reopened would be under analysis by then.
    time.sleep(3 * QUIET_SECONDS)
    assert study_state(apatite) == "reported" and len(apatite.studies()) == 1
    assert sorted(pacs.instances()) == before


def compare_with_truth(files, truth):
    reported = readers.deposits(files["SR"][0])
    volumes = readers.segment_volumes(files["SEG"][0])
    assert reported, "no deposit in the report"
    large = [d for d in truth["deposits"] if d["material"] == "hydroxyapatite" and d["equivalentDiameterMm"] >= 3]
    assert len(reported) >= len(large)
    total = sum(d["hydroxyapatiteMassMg"] for d in truth["deposits"] if d["material"] == "hydroxyapatite")
    measured = sum(values[readers.MASS][0] for _, values in reported)
    assert measured == pytest.approx(total, rel=MASS_TOLERANCE)
    for identifier, values in reported:
        segment = [v for label, v in volumes.items() if label.startswith(identifier + " ") or label == identifier]
        assert len(segment) == 1, f"one segment for {identifier}: {sorted(volumes)}"
        assert values[readers.VOLUME][0] == pytest.approx(segment[0], rel=0.6)


def test_pynetdicom_as_scanner_and_storescp_as_pacs(phantom, install, tmp_path):
    made = phantom("--slices", "60", "--seed", "12")
    port = free_port()
    arrived = tmp_path / "arrived"
    arrived.mkdir()
    pacs = subprocess.Popen(["storescp", "-aet", "PACS", "-od", arrived, str(port)], stderr=subprocess.DEVNULL)
    try:
        wait_for("storescp", 10, lambda: listens(port))
        apatite = install([("pacs", port, "PACS")])
        entity = pynetdicom.AE("CT_SCANNER")
        for uid in sorted({header.SOPClassUID for images in series(made / "study") for header, _ in images}):
            entity.add_requested_context(uid)
        association = entity.associate("127.0.0.1", apatite.port, ae_title="APATITE")
        assert association.is_established
        for images in series(made / "study"):
            for _, path in images:
                assert association.send_c_store(path).Status == 0x0000
        association.release()
        settle(apatite)
        wait_for("the results at storescp", 60, apatite.all_delivered)
        received = {}
        for path in arrived.iterdir():
            received.setdefault(readers.read(path).Modality, []).append(path)
        assert set(received) == {"SR", "SEG", "OT", "CT"}
        assert len(received["CT"]) == 60
        for path in received["SR"] + received["SEG"] + received["OT"] + received["CT"][:3]:
            assert readers.dciodvfy_errors(path) == []
    finally:
        pacs.kill()
