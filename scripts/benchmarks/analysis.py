"""The whole way of one pair from files to results, `apatite analyze`, against the script a researcher would write
(libresearcher.py): seconds, anonymous memory, and whether time grows with the voxels. Both take turns in one run.

    scripts/benchmark analysis [--slices 600] [--runs 3] [--json FILE]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from libenvironment import ROOT, python_with
from libtable import publish

BIN = pathlib.Path(os.environ["APATITE_BIN"])
PEERS = ["numpy==2.4.6", "scipy==1.17.1", "simpleitk==2.5.7", "connected-components-3d==4.1.1", "edt==3.1.2",
         "pydicom==3.0.2", "highdicom==0.28.2"]
LENGTH_MM = 210


def descendants(pid):
    found = [pid]
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += descendants(int(child))
    return found


def anonymous_kilobytes(pid):
    total = 0
    try:
        for one in descendants(pid):
            for line in pathlib.Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


def measured(command):
    """Seconds and the peak of anonymous memory in MB, of a process and its children, looked at every 20 ms."""
    start = time.perf_counter()
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        output = []
        reader = threading.Thread(target=lambda: output.append(process.stdout.read()))
        reader.start()
        while process.poll() is None:
            peak = max(peak, anonymous_kilobytes(process.pid))
            time.sleep(0.02)
        reader.join()
        if process.returncode:
            sys.exit(f"{command[0]} ended with status {process.returncode}")
    return time.perf_counter() - start, peak / 1024, output[0]


def make(folder, slices):
    """A hand of 210 mm in this many slices: the same anatomy, whatever the number."""
    print(f"making 512 x 512 x {slices}", file=sys.stderr)
    spacing = LENGTH_MM / slices
    subprocess.run([BIN / "apatite", "phantom", "hand", "--output", folder, "--quick", "--seed", "1", "--slices",
                    str(slices), "--slice-spacing", str(spacing), "--thickness", "0.75"], check=True)
    return folder / "study"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--slices", type=int, default=600)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    python = python_with(".build-peers-analysis", PEERS)
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        whole = make(folder / "whole", options.slices)
        half = make(folder / "half", options.slices // 2)
        ours, theirs, halves = [], [], []
        for number in range(options.runs):
            ours.append(measured([BIN / "apatite", "analyze", whole, "--output", folder / f"ours-{number}"]))
            output = folder / f"theirs-{number}"
            output.mkdir()
            theirs.append(measured([python, ROOT / "scripts/benchmarks/libresearcher.py", whole, output, "80", "150"]))
            print(theirs[-1][2].strip(), file=sys.stderr)
            halves.append(measured([BIN / "apatite", "analyze", half, "--output", folder / f"half-{number}"]))

    def middle(runs, place):
        return statistics.median(run[place] for run in runs)

    seconds, memory = middle(ours, 0), max(run[1] for run in ours)
    rows = [
        {"name": "apatite analyze, files to results", "value": seconds, "unit": "s", "target": 8, "better": "lower"},
        {"name": "the researcher's script", "value": middle(theirs, 0), "unit": "s", "target": None, "better": "lower"},
        {"name": "the script over ours, time", "value": middle(theirs, 0) / seconds, "unit": "x", "target": 10,
         "better": "higher"},
        {"name": "anonymous memory, at most", "value": memory, "unit": "MB", "target": 500, "better": "lower"},
        {"name": "the script over ours, anonymous memory", "value": max(run[1] for run in theirs) / memory, "unit": "x",
         "target": None, "better": "higher"},
        {"name": "time of all slices over twice that of half as many", "value": seconds / (2 * middle(halves, 0)),
         "unit": "x", "target": 1.1, "better": "lower"},
    ]
    publish(f"Analysis of 512 x 512 x {options.slices} voxels an energy on {os.cpu_count()} processors", rows,
            options.json)


if __name__ == "__main__":
    main()
