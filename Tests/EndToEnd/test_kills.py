"""apatited is killed at every step of the way and started again: the study is reported exactly once."""
import sqlite3

import pytest

from installation import wait_for
from scanner import play

IN_RECEIPT = ["mid-association", "after-file-before-row", "after-row-before-answer"]
LATER = ["during-analysis", "after-analysis-before-report", "mid-delivery"]


def rows(apatite, query):
    with sqlite3.connect(f"file:{apatite.state / 'ledger.sqlite'}?mode=ro", uri=True) as ledger:
        return ledger.execute(query).fetchall()


@pytest.mark.parametrize("point", IN_RECEIPT + LATER)
def test_a_kill_loses_nothing_and_doubles_nothing(point, phantom, pacs, install):
    made = phantom("--slices", "40", "--seed", "13")
    count = sum(1 for _ in (made / "study").rglob("*.dcm"))
    # In receipt the kill strikes some images into the study, not at the first.
    where = f"{point}:7" if point in IN_RECEIPT else point
    apatite = install([("pacs", pacs.dicom_port, "PACS")], environment={"APATITE_CRASH_AT": where})
    senders = play(made / "study", apatite.port)
    if point in IN_RECEIPT:
        assert any(sender.returncode != 0 for sender in senders), "a sender must see that its images were not taken"
    wait_for(f"the kill at {point}", 120, lambda: not apatite.running())
    assert apatite.process.returncode == -9

    apatite.launch()
    if point in IN_RECEIPT:
        # A scanner repeats a job that failed, as a whole.
        for sender in play(made / "study", apatite.port):
            assert sender.returncode == 0, sender.stderr
    wait_for("the report", 180, lambda: [s["state"] for s in apatite.studies()] == ["reported"], 0.3)
    wait_for("all deliveries", 60, lambda: rows(
        apatite, "SELECT count(*) FROM delivery WHERE state = 'delivered'") == rows(
        apatite, "SELECT count(*) FROM delivery") != [(0,)])

    results = {modality: len(found) for modality, found in pacs.results().items()}
    assert (results["SR"], results["SEG"]) == (1, 1) and results["OT"] <= 12
    assert rows(apatite, "SELECT count(*) FROM delivery") == [(len(pacs.instances()),)]
    assert rows(apatite, "SELECT count(*) FROM analysis WHERE state = 'reported'") == [(1,)]
    assert rows(apatite, "SELECT count(*), count(DISTINCT sop_instance_uid) FROM instance") == [(count, count)]
    stored = {apatite.state / path for (path,) in rows(apatite, "SELECT path FROM instance")}
    assert all(path.is_file() for path in stored)
    received = {path for path in (apatite.state / "received").rglob("*") if path.is_file()}
    assert received == stored, "every received file has its row, every row its file"
