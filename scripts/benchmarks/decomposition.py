"""Maps of a pair of 512 x 512 x 600 voxels: against the memory's bandwidth, against numpy, SciPy and SimpleITK step by
step, and streamed from files of 1,200 slices an energy. Ours and the peers take turns in one run.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile

from libenvironment import python_with
from libtable import publish

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ["APATITE_BIN"]) / "decomposition-tool"
PEERS = ["numpy==2.2.6", "scipy==1.15.3", "simpleitk==2.5.2"]


def tool(*arguments):
    run = subprocess.run([TOOL, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(run.stdout)


def peer(python, step, slices, threads):
    script = ROOT / "scripts" / "benchmarks" / "libpeers.py"
    # On one thread the process is held to one processor; on two the libraries share both.
    pinned = ["taskset", "--cpu-list", "0" if threads == 1 else "0-1"]
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads),
                       ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=str(threads))
    run = subprocess.run([*pinned, python, script, step, str(slices)], stdout=subprocess.PIPE, text=True, check=True,
                         env=environment)
    return json.loads(run.stdout)


def streamed(slices):
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder) / name for name in ("low.raw", "high.raw")]
        tool("write", slices, *files)
        return tool("stream", slices, 2, *files)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--slices", type=int, default=600)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--streamed", type=int, default=1200, help="slices an energy of the streamed scan")
    options = arguments.parse_args()
    python = python_with(".build-peers", PEERS)
    rows = []

    def row(name, value, unit, target=None, better="lower"):
        rows.append({"name": name, "value": value, "unit": unit, "target": target, "better": better})

    for threads in (1, 2):
        ours = tool("point-wise", options.slices, threads, options.runs)
        steps = tool("steps", options.slices, threads, 1)
        theirs = {step: peer(python, step, options.slices, threads)["milliseconds"]
                  for step in ("point-wise", "tissue-scipy", "tissue-simpleitk")}
        label = f"{threads} thread{'s' * (threads > 1)}"
        row(f"four maps, point-wise, {label}", ours["milliseconds"], "ms")
        row(f"memory limit of the same bytes ({ours['gigabytesPerSecond']:.1f} GB/s), {label}", ours["limit"], "ms")
        row(f"point-wise over memory limit, {label}", ours["milliseconds"] / ours["limit"], "x", 1.3)
        row(f"numpy, the same four maps, {label}", theirs["point-wise"], "ms")
        row(f"numpy over ours, point-wise, {label}", theirs["point-wise"] / ours["milliseconds"], "x", 10, "higher")
        row(f"noise, paths and tissue, {label}", steps["setUp"], "ms")
        row(f"local tissue by SciPy, {label}", theirs["tissue-scipy"], "ms")
        row(f"local tissue by SimpleITK, {label}", theirs["tissue-simpleitk"], "ms")
        fastest = theirs["point-wise"] + min(theirs["tissue-scipy"], theirs["tissue-simpleitk"])
        row(f"all steps by the faster peer over ours, {label}",
            fastest / (steps["setUp"] + ours["milliseconds"]), "x", 10, "higher")
    stream = streamed(options.streamed)
    row(f"{options.streamed} slices an energy from files, 2 threads", stream["milliseconds"], "ms")
    row("resident memory while streaming, at most", stream["peakResidentMegabytes"], "MB", 500)
    publish(f"Decomposition of 512 x 512 x {options.slices} voxels (Swift's threads are pinned)", rows, options.json)


if __name__ == "__main__":
    main()
