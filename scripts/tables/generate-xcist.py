#!/usr/bin/env python3
"""Writes Tests/DualEnergyCTTests/SecondOpinion/XCISTTable.swift from the images that `scripts/benchmark second_opinion`
keeps in its folder: mean CT numbers of the rods' middles, and of what lies around them.

    python3 scripts/tables/generate-xcist.py FOLDER

with a Python that has numpy. The SHA-256 of the file written goes to xcist.sha256 beside this script.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = ["water-5cm", "water-10cm", "water-20cm", "water-30cm", "fat-10cm", "bone-6cm"]
BEAMS = ["80", "100", "140", "Sn140", "Sn150"]


def means(folder, case, beam):
    facts = json.loads((folder / f"{case}-{beam}.json").read_text())
    size, pixel = facts["size"], facts["pixelMm"]
    image = np.fromfile(folder / f"{case}-{beam}.raw", "<i2").reshape(size, size).astype(float)
    row, column = np.mgrid[:size, :size]
    for part in facts["parts"]:
        x = (column - (size - 1) / 2) * pixel - part["xMm"]
        y = ((size - 1) / 2 - row) * pixel - part["yMm"]
        r = np.hypot(x, y)
        if part["name"] == "body":
            continue
        if part["name"] == "cortex":
            yield part, image[(r > 4.4) & (r < 5.1)].mean(), 0
        else:
            yield part, image[r < 2.5].mean(), image[(r > 5.2) & (r < 6.8)].mean()


def main(folder):
    text = ["// swift-format-ignore-file",
            "// Written by scripts/tables/generate-xcist.py: change the script, not this file.",
            "// Source: images of XCIST (gecatsim 1.6.9) made by scripts/benchmarks/libxcist.py: 3 mm Al and a bowtie,",
            "// correction for water, filtered back-projection; spectra XCIST's own, at 150 kV SpekPy's.", "",
            "/// A cylinder with rods as XCIST shows it.", "struct XCISTCase: Sendable {",
            "    var name: String", "    var diameterMm: Double", "    var rods: [Rod]", "",
            "    struct Rod: Sendable {", "        var name: String", "        var xMm: Double", "        var yMm: Double",
            "        /// HU of the middle and of what lies around, by beam.",
            "        var hounsfield: [String: (middle: Double, around: Double)]", "    }", "",
            "    static let all: [XCISTCase] = ["]
    for case in CASES:
        found = {beam: list(means(folder, case, beam)) for beam in BEAMS}
        diameter = json.loads((folder / f"{case}-80.json").read_text())["diameterMm"]
        text.append(f'        XCISTCase(name: "{case}", diameterMm: {diameter}, rods: [')
        for index, (part, _, _) in enumerate(found["80"]):
            values = ", ".join(f'"{b}": ({found[b][index][1]:.1f}, {found[b][index][2]:.1f})' for b in BEAMS)
            text.append(f'            Rod(name: "{part["name"]}", xMm: {part["xMm"]:.3f}, yMm: {part["yMm"]:.3f}, '
                        f"hounsfield: [{values}]),")
        text.append("        ]),")
    text += ["    ]", "}", ""]
    path = ROOT / "Tests/DualEnergyCTTests/SecondOpinion/XCISTTable.swift"
    path.write_text("\n".join(text))
    sums = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT)}\n"
    (pathlib.Path(__file__).resolve().parent / "xcist.sha256").write_text(sums)


main(pathlib.Path(sys.argv[1]))
