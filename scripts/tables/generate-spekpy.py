#!/usr/bin/env python3
"""Writes Tests/DualEnergyCTTests/SecondOpinion/SpekPyTable.swift: what another spectrum model and other attenuation
tables say of the CT numbers that the core computes.

Spectra: SpekPy (R. Bujila, A. Omar, G. Poludniowski, Phys Med 75 (2020) 44), model kqp, 8 degrees. Attenuation: Elam's
tables (W. T. Elam, B. D. Ravel, J. R. Sieber, Radiat Phys Chem 63 (2002) 121) of xraydb. Detector: 1.4 mm Gd2O2S. Run
with a Python that has spekpy 2.5.4, xraydb 4.5.8 and numpy:

    python3 scripts/tables/generate-spekpy.py

The SHA-256 of the file written goes to spekpy.sha256 beside this script.
"""
import hashlib
import pathlib

import numpy as np
import spekpy
import xraydb

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENERGIES = np.arange(13.5, 150)
BEAMS = [(70, 0), (80, 0), (90, 0), (100, 0), (120, 0), (135, 0), (140, 0), (140, .4), (140, .6), (100, .6), (150, .6)]
FILTERS = [(3, 0), (3, .9), (9, .9)]
WATER_CM = [5, 10, 20, 30]

MATERIALS = {  # density in g/cm3 and mass fractions, as in Material+Library.swift
    "hydroxyapatite": (3.16, "Ca10P6O26H2"), "monosodiumUrate": (1.74, "C5H5N4NaO4"),
    "adipose": (.95, {"H": .114, "C": .598, "N": .007, "O": .278, "Na": .001, "S": .001, "Cl": .001}),
    "muscle": (1.05, {"H": .102, "C": .143, "N": .034, "O": .710, "Na": .001, "P": .002, "S": .003, "Cl": .001,
                      "K": .004}),
    "corticalBone": (1.92, {"H": .034, "C": .155, "N": .042, "O": .435, "Na": .001, "Mg": .002, "P": .103, "S": .003,
                            "Ca": .225}),
    "yellowMarrow": (.98, {"H": .115, "C": .644, "N": .007, "O": .231, "Na": .001, "S": .001, "Cl": .001}),
}
ATTENUATION = MATERIALS | {
    "carbonatedApatite": (3.1, {"Ca": 9.2 * 40.078, "P": 5.2 * 30.974, "C": .8 * 12.011, "O": 24.4 * 15.999,
                                "H": 1.2 * 1.008}),
    "collagen": (1.35, {"H": .0655, "C": .5035, "N": .1836, "O": .2453, "S": .0021}),
    "skin": (1.09, {"H": .100, "C": .204, "N": .042, "O": .645, "Na": .002, "P": .001, "S": .002, "Cl": .003,
                    "K": .001}),
    "tendon": (1.12, {"H": .094, "C": .207, "N": .062, "O": .622, "Na": .006, "S": .006, "Cl": .003}),
    "redMarrow": (1.03, {"H": .105, "C": .414, "N": .034, "O": .439, "P": .001, "S": .002, "Cl": .002, "K": .002,
                         "Fe": .001}),
    "keratin": (1.30, {"H": .065, "C": .500, "N": .165, "O": .225, "S": .045}),
    "iodine": (4.93, "I"),
}


def mass_attenuation(composition, energies):
    if isinstance(composition, str):
        atoms = xraydb.chemparse(composition)
        composition = {e: n * xraydb.atomic_mass(e) for e, n in atoms.items()}
    total = sum(composition.values())
    return sum(w / total * xraydb.mu_elam(e, energies * 1000.0, kind="total") for e, w in composition.items())


def detected(kilovolts, tin, aluminium, titanium):
    tube = spekpy.Spek(kvp=kilovolts, th=8, dk=1, physics="kqp").filter("Al", aluminium)
    for element, mm in (("Ti", titanium), ("Sn", tin)):
        if mm:
            tube.filter(element, mm)
    k, fluence = tube.get_spectrum(edges=False)
    photons = np.interp(ENERGIES, k, fluence, left=0, right=0)
    return photons * ENERGIES * (1 - np.exp(-mass_attenuation("Gd2O2S", ENERGIES) * 7.34 * .14))


def main():
    text = ["// swift-format-ignore-file",
            "// Written by scripts/tables/generate-spekpy.py: change the script, not this file.",
            f"// Sources: SpekPy {spekpy.__version__}, xraydb {xraydb.__version__} (Elam's tables).", "",
            "enum SpekPyTable {",
            "    /// kV, mm Sn, mm Al, mm Ti, cm of water; then HU of a small pure insert: hydroxyapatite, urate, adipose",
            "    /// tissue, muscle, cortical bone, yellow marrow.",
            "    static let rows: [[Double]] = ["]
    water = mass_attenuation("H2O", ENERGIES)
    pure = {name: d * mass_attenuation(c, ENERGIES) for name, (d, c) in MATERIALS.items()}
    for kilovolts, tin in BEAMS:
        for aluminium, titanium in FILTERS:
            spectrum = detected(kilovolts, tin, aluminium, titanium)
            for cm in WATER_CM:
                behind = spectrum * np.exp(-cm * water)
                reference = (behind * water).sum()
                hu = [1000 * ((behind * mu).sum() / reference - 1) for mu in pure.values()]
                head = [kilovolts, tin, aluminium, titanium, cm]
                text.append("        [" + ", ".join(f"{x:g}" for x in head) + ", " +
                            ", ".join(f"{x:.1f}" for x in hu) + "],")
    text += ["    ]", "", "    /// Mass attenuation coefficients in cm2/g at 20, 30, 40, 60, 80, 100 and 140 keV.",
             "    static let massAttenuation: [String: [Double]] = ["]
    for name, (_, composition) in ATTENUATION.items():
        values = mass_attenuation(composition, np.array([20., 30, 40, 60, 80, 100, 140]))
        text.append(f'        "{name}": [' + ", ".join(f"{x:.4g}" for x in values) + "],")
    text += ["    ]", "}", ""]
    path = ROOT / "Tests/DualEnergyCTTests/SecondOpinion/SpekPyTable.swift"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(text))
    sums = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT)}\n"
    (pathlib.Path(__file__).resolve().parent / "spekpy.sha256").write_text(sums)


main()
