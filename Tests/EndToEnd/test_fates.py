"""Studies that must not be reported: nothing leaves, and `apatitectl studies` says why."""
import time

import pytest

from installation import QUIET_SECONDS, send, wait_for
from scanner import energies, play, rewrite, series


@pytest.fixture
def apatite(pacs, install):
    # A broken study may only be late; a test does not wait for the rest as long as a hospital does.
    return install([("pacs", pacs.dicom_port, "PACS")], give_up_minutes=0.1)


def fate(apatite):
    final = {"leftAlone", "setAside", "notAnalysable", "reported"}
    wait_for("a fate", 120, lambda: apatite.studies() and all(s["state"] in final for s in apatite.studies()), 0.3)
    study = apatite.studies()[0]
    table = apatite.ctl("studies")
    assert study["state"] in table or study["reason"][:20] in table
    return study["state"], study["reason"]


def expect(apatite, pacs, state, *words):
    reached, reason = fate(apatite)
    assert reached == state, reason
    for word in words:
        assert word.lower() in (reason or "").lower()
    time.sleep(1)
    assert pacs.results() == {}


def test_a_single_energy_study_is_left_alone(phantom, pacs, apatite):
    play(phantom("--slices", "30", "--single-energy") / "study", apatite.port)
    expect(apatite, pacs, "leftAlone", "energy")


def test_a_missing_energy_sets_the_study_aside(phantom, pacs, apatite):
    low, _ = energies(phantom("--slices", "40", "--seed", "13") / "study")
    send([path for _, path in low], apatite.port)
    expect(apatite, pacs, "setAside", "missing")


def test_missing_slices_set_the_study_aside(phantom, pacs, apatite):
    low, high = energies(phantom("--slices", "40", "--seed", "13") / "study")
    send([path for _, path in low], apatite.port)
    send([path for index, (_, path) in enumerate(high) if index not in (12, 13)], apatite.port)
    expect(apatite, pacs, "setAside", "missing")


def test_two_patients_under_one_study_uid_set_it_aside(phantom, pacs, apatite, tmp_path):
    low, high = energies(phantom("--slices", "40", "--seed", "13") / "study")

    def other(data, _):
        data.PatientID, data.PatientName = "SOMEONE-ELSE", "Other^Person"

    send([path for _, path in low], apatite.port)
    send(rewrite(high, tmp_path / "other", other), apatite.port)
    expect(apatite, pacs, "setAside", "patient")
    assert "SOMEONE-ELSE" not in apatite.log.read_text() and "Other" not in apatite.log.read_text()


def test_our_own_results_sent_back_change_nothing(phantom, pacs, install, tmp_path):
    apatite = install([("pacs", pacs.dicom_port, "PACS")])
    play(phantom("--slices", "40", "--seed", "13") / "study", apatite.port)
    wait_for("the results in the PACS", 120, apatite.all_delivered)
    before = sorted(pacs.instances())
    own = []
    for instance in pacs.instances():
        own.append(tmp_path / f"{instance}.dcm")
        own[-1].write_bytes(pacs.download(f"/instances/{instance}/file"))
    assert send(own, apatite.port).returncode == 0
    time.sleep(3 * QUIET_SECONDS)
    assert [s["state"] for s in apatite.studies()] == ["reported"]
    assert sorted(pacs.instances()) == before

    # An installation that never saw the study gets only the results: it has nothing to analyse.
    elsewhere = install([("pacs", pacs.dicom_port, "PACS")])
    assert send(own, elsewhere.port).returncode == 0
    time.sleep(3 * QUIET_SECONDS)
    assert all(s["state"] in ("leftAlone", "receiving") for s in elsewhere.studies())
    assert sorted(pacs.instances()) == before
