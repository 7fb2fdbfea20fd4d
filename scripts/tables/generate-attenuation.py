#!/usr/bin/env python3
"""Writes the element tables of Sources/DualEnergyCT/Attenuation from xraylib.

Source: xraylib 4 (T. Schoonjans et al., Spectrochim. Acta B 66 (2011) 776), CS_Total: the photon cross sections of
NIST XCOM (M. J. Berger et al., NBSIR 87-3597) with coherent scattering, in cm2/g. Atomic weights and K edges are
xraylib's. Run with a Python that has xraylib:

    python3 scripts/tables/generate-attenuation.py

The SHA-256 of each file written goes to attenuation.sha256 beside this script; a test of the tables against the
values printed by NIST is in Tests/DualEnergyCTTests/AttenuationTests.swift.
"""
import hashlib
import math
import pathlib

import xraylib

FIRST_KEV, LAST_KEV = 13, 160
LIGHT = list(range(1, 21))
HEAVY = [22, 26, 29, 39, 48, 50, 52, 53, 64, 74]
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Sources/DualEnergyCT/Attenuation"
PER_LINE = 12


def k_edge(z):
    edge = xraylib.EdgeEnergy(z, xraylib.K_SHELL)
    if not FIRST_KEV < edge < LAST_KEV:
        return None
    # The library's own grid has the jump a few eV beside the edge: each side is extended to it as a power law.
    return edge, extended(z, edge, -0.1, -0.3), extended(z, edge, 0.1, 0.3)


def extended(z, edge, near, far):
    y0, y1 = xraylib.CS_Total(z, edge + near), xraylib.CS_Total(z, edge + far)
    slope = math.log(y1 / y0) / math.log((edge + far) / (edge + near))
    return y0 * (edge / (edge + near)) ** slope


def table(z):
    symbol = xraylib.AtomicNumberToSymbol(z)
    lines = [f"    // {symbol}"]
    edge = k_edge(z)
    edge_text = "nil"
    if edge:
        edge_text = f"KEdge(kiloelectronvolts: {edge[0]:.4f}, below: {edge[1]:.5g}, above: {edge[2]:.5g})"
    lines.append(f"    {z}: ElementTable(")
    lines.append(f"        atomicWeight: {xraylib.AtomicWeight(z):.6g}, kEdge: {edge_text},")
    lines.append("        values: [")
    values = [f"{xraylib.CS_Total(z, float(e)):.5g}" for e in range(FIRST_KEV, LAST_KEV + 1)]
    for start in range(0, len(values), PER_LINE):
        lines.append("            " + ", ".join(values[start : start + PER_LINE]) + ",")
    lines.append("        ]),")
    return lines


def write(name, elements, what):
    text = [
        "// swift-format-ignore-file",
        "// Written by scripts/tables/generate-attenuation.py: change the script, not this file.",
        f"// Source: xraylib {xraylib.__version__}, CS_Total (NIST XCOM with coherent scattering), cm2/g.",
        "",
        "extension ElementTable {",
        f"    /// {what}, from {FIRST_KEV} to {LAST_KEV} keV in steps of 1 keV.",
        f"    static let {name}: [Int: ElementTable] = [",
    ]
    for z in elements:
        text += ["    " + line for line in table(z)]
    text += ["    ]", "}", ""]
    path = FOLDER / f"ElementTable+{name[0].upper()}{name[1:]}.swift"
    path.write_text("\n".join(text))
    return path


xraylib.XRayInit()
FOLDER.mkdir(parents=True, exist_ok=True)
files = [
    write("light", LIGHT, "Mass attenuation coefficients of hydrogen to calcium"),
    write("heavy", HEAVY, "Mass attenuation coefficients of Ti, Fe, Cu, Y, Cd, Sn, Te, I, Gd and W"),
]
sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(FOLDER.parents[2])}" for p in files]
(pathlib.Path(__file__).resolve().parent / "attenuation.sha256").write_text("\n".join(sums) + "\n")
