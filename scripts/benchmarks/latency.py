"""From the closing signal of a study to its report in the PACS, by the ledger's own clock."""
import argparse
import datetime
import os
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from installation import Apatite, Orthanc, send, wait_for  # noqa: E402
from libtable import publish  # noqa: E402


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def measure(binaries, slices, seed):
    """Seconds from closing to the start of the analysis, its end and the last delivery of one study."""
    with tempfile.TemporaryDirectory(prefix="apatite-latency-") as folder:
        folder = pathlib.Path(folder)
        subprocess.run([binaries / "apatite", "phantom", "hand", "--quick", "--slices", str(slices), "--seed", str(seed),
                        "--output", folder / "phantom"], check=True, capture_output=True)
        pacs = Orthanc(folder / "pacs").launch()
        apatite = Apatite(folder / "apatite", binaries, [("pacs", pacs.dicom_port, "PACS")]).launch()
        try:
            files = sorted((folder / "phantom" / "study").rglob("*.dcm"))
            sender = send(files, apatite.port, program="dcmsend")
            assert sender.returncode == 0, sender.stderr
            wait_for("the report", 600, apatite.all_delivered, 0.2)
            with sqlite3.connect(f"file:{apatite.state / 'ledger.sqlite'}?mode=ro", uri=True) as ledger:
                wait_for("the ledger's word", 10, lambda: ledger.execute(
                    "SELECT count(*) FROM delivery WHERE state != 'delivered'").fetchone() == (0,))
                closed, finished = ledger.execute(
                    "SELECT closed_at, finished_at FROM analysis WHERE state = 'reported'").fetchone()
                delivered, = ledger.execute("SELECT max(delivered_at) FROM delivery").fetchone()
            start = instant(closed)
            return (instant(finished) - start).total_seconds(), (instant(delivered) - start).total_seconds()
        finally:
            apatite.kill()
            pacs.kill()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--slices", type=int, default=320)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    binaries = pathlib.Path(os.environ["APATITE_BIN"])
    runs = [measure(binaries, options.slices, seed) for seed in range(1, options.runs + 1)]
    analysed, delivered = (statistics.median(values) for values in zip(*runs))
    publish(f"Latency of a hand of 2 x {options.slices} slices of 512 x 512, median of {options.runs} studies", [
        {"name": "closing signal to results made", "value": analysed, "unit": "s", "target": None, "better": "lower"},
        {"name": "results made to all in the PACS", "value": delivered - analysed, "unit": "s", "target": None, "better": "lower"},
        {"name": "closing signal to report in the PACS", "value": delivered, "unit": "s", "target": None, "better": "lower"},
    ], options.json)


if __name__ == "__main__":
    main()
