"""How accurate the core is, on simulated scans of known truth, with the best published figures beside it.

Rules: calibrated on one scan, measured on others that differ in position, size, noise and forward-model parameters;
regions of 5 mm; the forward model shares nothing with the inverse.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

from libplots import document
from libtable import publish

# Key of accuracy-tool's row: (what it is, unit, best published or None, its source, target, which way is better).
# Percent are percent of the truth unless the row says otherwise.
SIEMENS = "3rd-generation dual source, Eur Radiol Exp 2021, s41747-021-00241-1"
TABLE = {
    "rods-50": ("HA 50 in water, rod-calibrated, Sn pairs: mean relative error", "%", 0.94, SIEMENS, 1, "lower"),
    "rods-100": ("HA 100 in water, rod-calibrated, Sn pairs: mean relative error", "%", 0.28, SIEMENS, 0.5, "lower"),
    "rods-200": ("HA 200 in water, rod-calibrated, Sn pairs: mean relative error", "%", 0.24, SIEMENS, 0.5, "lower"),
    "no-rods-tin": ("the same without rods, filtration unknown, Sn pairs", "%", None, "", 3, "lower"),
    "no-rods-open-low": ("without rods and tin: 95 % intervals that cover, at least", "%", None, "", 93, "higher"),
    "tissue-fat": ("HA 100-400 in fat: bias", "%", None, "", 5, "lower"),
    "tissue-half-fat": ("HA 100-400 in half fat: bias", "%", None, "", 5, "lower"),
    "tissue-muscle": ("HA 100-400 in muscle: bias", "%", None, "", 5, "lower"),
    "tissue-tendon": ("HA 100-400 in tendon: bias", "%", None, "", 5, "lower"),
    "tissue-skin": ("HA 100-400 in skin: bias", "%", None, "", 5, "lower"),
    "region-rmse": ("HA 50-800: RMSE of regions", "mg/cm3", 13.5, "photon counting, rabbit against micro-CT", 8, "lower"),
    "region-coverage": ("nominal 95 % intervals of these regions cover", "%", None, "", 93, "higher"),
    "mass-3mm": ("mass of deposits of 3 mm and more: median error", "%", None, "", 10, "lower"),
    "mass-2mm": ("mass of deposits of 2 mm: median error", "%", None, "", 20, "lower"),
    "mass-hand-3mm": ("the same in whole hands through the analysis, 3 mm and more", "%", None, "", 10, "lower"),
    "mass-hand-2mm": ("the same in whole hands through the analysis, 2 mm", "%", None, "", 20, "lower"),
    "repeat-cv": ("repeat scan: CV of mass", "%", 4.29, SIEMENS, 3, "lower"),
    "coverage-low": ("nominal 95 % intervals cover, at least", "%", None, "", 93, "higher"),
    "coverage-high": ("nominal 95 % intervals cover, at most", "%", None, "", 97, "lower"),
    "coverage-score": ("errors over stated deviations: their deviation", "", None, "", None, "lower"),
    "coverage-volume-low": ("nominal 95 % intervals of volume cover, at least", "%", None, "", 93, "higher"),
    "coverage-volume-high": ("nominal 95 % intervals of volume cover, at most", "%", None, "", 97, "lower"),
    "coverage-density-low": ("nominal 95 % intervals of mean density cover, at least", "%", None, "", 93, "higher"),
    "coverage-density-high": ("nominal 95 % intervals of mean density cover, at most", "%", None, "", 97, "lower"),
    "cramer-rao": ("variance of HA density over the Cramer-Rao bound, tissue unknown", "x", None, "", 1.2, "lower"),
    "change-compared": ("two examinations in other poses: registered", "%", None, "", 95, "higher"),
    "change-matched": ("deposits matched with themselves", "%", None, "", 95, "higher"),
    "change-calls": ("change: calls right", "%", None, "", 90, "higher"),
    "change-error": ("change: median error, percent points", "%", None, "", 8, "lower"),
    "change-new": ("new deposits called new", "%", None, "", 90, "higher"),
    "change-resolved": ("resolved deposits called resolved", "%", None, "", 90, "higher"),
    "change-repeat-cv": ("repeat examination in another pose: CV of total mass", "%", None, "", 4, "lower"),
    "change-repeat-stable": ("repeat examination in another pose: deposits called stable", "%", None, "", 90, "higher"),
}


def rows_of(tool, experiment, seed, count):
    run = subprocess.run([tool, experiment, str(seed), str(count)], stdout=subprocess.PIPE, text=True, check=True)
    for line in run.stdout.splitlines():
        row = json.loads(line)
        if row["name"] not in TABLE:
            sys.exit(f"accuracy-tool {experiment} prints a row \"{row['name']}\" that this table does not know.")
        what, unit, published, source, target, better = TABLE[row["name"]]
        if published is not None:
            what += f" (published {published:g})"
        value = float("nan") if row["value"] is None else row["value"]
        yield {"name": what, "key": row["name"], "value": value, "unit": unit, "target": target, "better": better,
               "published": published, "source": source, "detail": row["detail"], "points": row["points"]}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--docs", action="store_true", help="write the table and plots of the documentation")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=0, help="scans or repeats; 0: what the table is published with")
    arguments.add_argument("experiments", nargs="*", help="all by default")
    options = arguments.parse_args()
    tool = pathlib.Path(os.environ["APATITE_BIN"]) / "accuracy-tool"
    known = subprocess.run([tool, "list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for name in options.experiments:
        if name not in known:
            arguments.error(f"there is no experiment {name}: choose from {', '.join(known)}")
    rows = [row for name in options.experiments or known for row in rows_of(tool, name, options.seed, options.count)]
    rows.sort(key=lambda row: list(TABLE).index(row["key"]))
    publish(f"Accuracy on simulated scans, seed {options.seed}", rows, options.json)
    if options.docs:
        document(rows, options.seed, pathlib.Path(__file__).parents[2] / "Sources/DualEnergyCT/DualEnergyCT.docc")


if __name__ == "__main__":
    main()
