"""What the core makes of scans that GE's simulator XCIST made: rods of hydroxyapatite and of urate in cylinders of water
of 5 to 30 cm, in fat, and beside a bone. The core is not told the simulator's filtration.

    scripts/benchmark second_opinion [--json FILE] [--folder DIR] [--short]

XCIST and SpekPy are installed into a virtual environment of their own (.venv-second-opinion). Images that the folder
already has are not made again; a cylinder takes a quarter of a minute a beam.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tarfile

from libtable import publish

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-second-opinion"
PYTHON = VENV / "bin/python"
SIMULATOR = VENV / "gecatsim-1.6.9"
CASES = ["water-5cm", "water-10cm", "water-20cm", "water-30cm", "fat-10cm", "bone-6cm"]
PAIRS = [("80", "140"), ("100", "Sn140"), ("80", "Sn140"), ("80", "Sn150")]


def install():
    """XCIST's source distribution has line endings that its own build script stumbles over: it is unpacked and built
    here instead of by pip."""
    if (SIMULATOR / "gecatsim/lib/built").exists():
        return
    quiet = {"stdout": sys.stderr, "check": True}
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], **quiet)
    pip = [PYTHON, "-m", "pip", "--quiet"]
    requirements = ROOT / "scripts/lib/requirements-second-opinion.txt"
    subprocess.run([*pip, "install", "--requirement", requirements], **quiet)
    subprocess.run([*pip, "download", "--no-deps", "--no-binary", ":all:", "--dest", VENV, "gecatsim==1.6.9"], **quiet)
    with tarfile.open(VENV / "gecatsim-1.6.9.tar.gz") as archive:
        archive.extractall(VENV, filter="data")
    build = SIMULATOR / "gecatsim/clib_build"
    for path in build.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    with open(VENV / "build.log", "wb") as log:
        subprocess.run(["bash", "BuildLinux64"], cwd=build, stdout=log, stderr=log, check=True)
    (SIMULATOR / "gecatsim/lib/built").touch()


def simulate(folder, case, beam):
    if (folder / f"{case}-{beam}.raw").exists():
        return
    print(f"XCIST: {case}, {beam} kV", file=sys.stderr)
    with open(folder / f"{case}-{beam}.log", "wb") as log:
        subprocess.run([PYTHON, ROOT / "scripts/benchmarks/libxcist.py", folder, case, beam], stdout=log, stderr=log,
                       env=os.environ | {"PYTHONPATH": str(SIMULATOR)}, check=True)


def measured(tool, folder, case, low, high):
    run = subprocess.run([tool, "second-opinion", folder, case, low, high], stdout=subprocess.PIPE, text=True,
                         check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def show(case, low, high, rods):
    print(f"\n{case} {low}/{high}"
          + (f"   bone says {rods[0]['detail']['aluminiumMm']:.1f} mm Al" if rods[0]["detail"]["aluminiumMm"] else ""))
    print("  rod      found +- 95 %        error     slope low  core    slope high  core    ratio  core")
    for rod in rods:
        d = rod["detail"]
        text = f"  {rod['name']:<7}"
        if rod["name"].startswith("HA"):
            text += (f"{rod['value']:7.1f} +- {1.96 * d['deviation']:5.1f} mg/cm3 {100 * (rod['value'] / d['truth'] - 1):+6.1f} %"
                     f"   {d['measuredSlopeLow']:6.3f} {d['slopeLow']:6.3f}    {d['measuredSlopeHigh']:6.3f} "
                     f"{d['slopeHigh']:6.3f} ")
        else:
            text += " " * 67
        print(text + f"  {d['ratio']:6.3f} {d['modelRatio']:6.3f}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--folder", type=pathlib.Path, default=VENV / "images")
    arguments.add_argument("--short", action="store_true", help="one cylinder of 10 cm, 80/Sn140")
    options = arguments.parse_args()
    cases, pairs = (CASES, PAIRS) if not options.short else (["water-10cm"], [("80", "Sn140")])
    install()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    tool = pathlib.Path(os.environ["APATITE_BIN"]) / "accuracy-tool"
    groups = {}
    for case in cases:
        for beam in sorted({beam for pair in pairs for beam in pair}):
            simulate(folder, case, beam)
        for low, high in pairs:
            rods = measured(tool, folder, case, low, high)
            show(case, low, high, rods)
            groups[case, "tin" if high.startswith("Sn") else "open"] = (
                groups.get((case, "tin" if high.startswith("Sn") else "open"), [])
                + [rod for rod in rods if rod["name"].startswith("HA") and rod["detail"]["truth"] >= 100])
    rows = []
    covered = total = 0
    for (case, kind), rods in groups.items():
        errors = [100 * abs(rod["value"] / rod["detail"]["truth"] - 1) for rod in rods]
        covered += sum(abs(rod["value"] - rod["detail"]["truth"]) <= 1.96 * rod["detail"]["deviation"] for rod in rods)
        total += len(rods)
        source = "bone" if case.startswith("bone") else "table"
        rows.append({"name": f"{case}, {kind} pairs, by {source}: mean error of HA 100-800", "value": sum(errors) / len(errors),
                     "unit": "%", "target": 3 if kind == "tin" and source == "bone" else None, "better": "lower"})
    rows.append({"name": "95 % intervals that cover", "value": 100 * covered / total, "unit": "%", "target": 95,
                 "better": "higher"})
    print()
    publish("The core on scans by XCIST, filtration untold", rows, options.json)


if __name__ == "__main__":
    main()
