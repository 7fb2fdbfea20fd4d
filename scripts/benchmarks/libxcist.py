"""Rods in cylinders, scanned and reconstructed by XCIST: GE's simulator, its spectra, its cross sections, its filtered
back-projection behind its water correction. Nothing here knows the project's own physics.

XCIST: M. Wu et al., Phys Med Biol 67 (2022) 194002; gecatsim 1.6.9 from PyPI. It has no spectrum of 150 kV: that one
comes from SpekPy (7 degrees, 1 mm Al of the tube's own filtration).
"""
import contextlib
import io
import os
import pathlib

import numpy as np

WATER = (1.0, {1: .111898, 8: .888102})
# ICRU Report 46 (1992).
ADIPOSE = (0.95, {1: .114, 6: .598, 7: .007, 8: .278, 11: .001, 16: .001, 17: .001})
CORTICAL = (1.92, {1: .034, 6: .155, 7: .042, 8: .435, 11: .001, 12: .002, 15: .103, 16: .003, 20: .225})
YELLOW_MARROW = (0.98, {1: .115, 6: .644, 7: .007, 8: .231, 11: .001, 16: .001, 17: .001})
MASSES = {1: 1.008, 6: 12.011, 7: 14.007, 8: 15.999, 11: 22.990, 15: 30.974, 20: 40.078}
HYDROXYAPATITE = (3.16, {1: 2, 8: 26, 15: 6, 20: 10})
URATE = (1.74, {1: 5, 6: 5, 7: 4, 8: 4, 11: 1})

# name: (tube voltage, mm Sn); behind each 3 mm Al and the bowtie.
BEAMS = {"80": (80, 0), "100": (100, 0), "140": (140, 0), "Sn140": (140, .4), "Sn150": (150, .6)}
RODS = [("HA", 50), ("HA", 100), ("HA", 200), ("HA", 400), ("HA", 800), ("MSU", 350), ("MSU", 700)]
ROD_RADIUS_MM = 4.0
IMAGE_SIZE = 400


def by_mass(formula):
    total = sum(n * MASSES[z] for z, n in formula.items())
    return {z: n * MASSES[z] / total for z, n in formula.items()}


def displaced(mineral, mg_per_cm3, host):
    """A mineral that takes the place of its own volume of the host."""
    share = mg_per_cm3 / 1000 / mineral[0]
    density = mg_per_cm3 / 1000 + (1 - share) * host[0]
    parts = {z: w * mg_per_cm3 / 1000 / density for z, w in by_mass(mineral[1]).items()}
    for z, w in host[1].items():
        parts[z] = parts.get(z, 0) + w * (1 - share) * host[0] / density
    return density, parts


def place(index, count, diameter_mm):
    """Centre of a rod in mm: on a circle at 0.6 of the radius, at most 35 mm from the middle."""
    radius = min(0.6 * diameter_mm / 2, 35)
    angle = 2 * np.pi * index / count + 0.2
    return radius * np.cos(angle), radius * np.sin(angle)


def objects(host, diameter_mm, with_bone):
    """(name, radius mm, centre, material) in the order of painting."""
    base = {"water": WATER, "fat": ADIPOSE}[host]
    found = [("body", diameter_mm / 2, (0, 0), base)]
    for index, (kind, density) in enumerate(RODS):
        mineral = HYDROXYAPATITE if kind == "HA" else URATE
        found.append((f"{kind}{density}", ROD_RADIUS_MM, place(index, len(RODS), diameter_mm),
                      displaced(mineral, density, base)))
    if with_bone:
        found += [("cortex", 6.0, (0, 0), CORTICAL), ("marrow", 3.5, (0, 0), YELLOW_MARROW)]
    return found


def write_material(folder, name, material):
    density, parts = material
    lines = ["# " + name, "# Number of elements:", str(len(parts)), "# Density:", f"{density:.6f}", "# Fractions:"]
    total = sum(parts.values())
    lines += [f"{z} {w / total:.8f}" for z, w in sorted(parts.items())]
    (folder / name).write_text("\n".join(lines) + "\n")


def write_phantom(folder, parts):
    """XCIST's own notation: what is painted later counts with what it adds to what it lies in."""
    names, text = [], []
    for number, (name, radius, (x, y), material) in enumerate(parts, 1):
        write_material(folder, "m_" + name, material)
        names.append("m_" + name)
        text += [
            f"object.center({number},:) = [{x:.6f} {y:.6f} 0.000000];",
            f"object.half_axes({number},:) = [{radius:.6f} {radius:.6f} 50.000000];",
            f"object.euler_angs({number},:) = [0.000000 0.000000 0.000000];",
            f"object.density({number}) = 1.000000;", f"object.type({number}) = 2;",
            f"object.material({number}) = {number};", f"object.axial_lims({number},:) = [0 0];",
            f"object.shape({number}) = 0;", f"object.clip{{{number}}} = [];", ""]
    head = "materialList = {" + " ".join(f"'{name}'" for name in names) + " };\n\n"
    (folder / "rods.ppm").write_text(head + "\n".join(text))


def write_spectrum(folder, kilovolts):
    import spekpy
    tube = spekpy.Spek(kvp=kilovolts, th=7, dk=0.5, physics="kqp").filter("Al", 1.0)
    energies, photons = tube.get_spectrum(edges=False)
    path = folder / f"spekpy_{kilovolts}.dat"
    rows = [str(len(energies))] + [f"{e:.6f},{n:.6e}" for e, n in zip(energies, photons)]
    path.write_text("\n".join(rows) + "\n7.0\n")
    return path


def simulate(folder, beam, host="water", diameter_mm=100, with_bone=False, aluminium_mm=3.0, bowtie="small.txt"):
    """The image of one beam in HU (rows from top to bottom), its pixel in mm, and the parts of the phantom."""
    import gecatsim as xc
    import gecatsim.reconstruction.pyfiles.recon as recon
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    parts = objects(host, diameter_mm, with_bone)
    kilovolts, tin = BEAMS[beam]
    before = os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            write_phantom(folder, parts)
            xc.pyfiles.CommonTools.my_path.add_search_path(str(folder))
            ct = xc.CatSim()
            for name in ("Phantom_Default", "Physics_Default", "Protocol_Default", "Recon_Default", "Scanner_Default"):
                ct.load_cfg(name)
            ct.resultsName = "scan"
            ct.phantom.callback = "Phantom_Analytic"
            ct.phantom.projectorCallback = "C_Projector_Analytic"
            ct.phantom.projectorNumThreads = 1
            ct.phantom.filename = str(folder / "rods.ppm")
            ct.phantom.scale = 1.0
            ct.protocol.viewsPerRotation = ct.protocol.viewCount = 720
            ct.protocol.stopViewId = 719
            ct.protocol.mA = 400
            ct.protocol.bowtie = bowtie
            ct.protocol.flatFilter = ["Al", aluminium_mm] + (["Sn", tin] if tin else [])
            if kilovolts == 150:
                ct.protocol.spectrumFilename = str(write_spectrum(folder, kilovolts))
            else:
                ct.protocol.spectrumFilename = f"tungsten_tar7.0_{kilovolts}_filt.dat"
            ct.physics.energyCount = 30
            ct.physics.enableQuantumNoise = ct.physics.enableElectronicNoise = 0
            for name in ("colSampleCount", "rowSampleCount", "srcXSampleCount", "srcYSampleCount", "viewSampleCount"):
                setattr(ct.physics, name, 1)
            ct.scanner.detectorRowsPerMod = ct.scanner.detectorRowCount = 1
            ct.physics.callback_post_log = "Prep_BHC_Accurate"
            ct.physics.EffectiveMu = 0.2
            ct.physics.BHC_poly_order = 5
            ct.physics.BHC_max_length_mm = 1.3 * diameter_mm
            ct.physics.BHC_length_step_mm = 1.3 * diameter_mm / 24
            ct.run_all()
            ct.recon.fov = diameter_mm + 20.0
            ct.recon.imageSize = IMAGE_SIZE
            ct.recon.sliceCount = 1
            ct.recon.kernelType = "standard"
            ct.recon.mu = 0.02
            image = recon.recon_direct(ct)[:, :, 0]
    finally:
        os.chdir(before)
    return np.asarray(image, dtype=np.float32), (diameter_mm + 20.0) / IMAGE_SIZE, parts


def disc(image, pixel_mm, centre, radius_mm):
    """Mean of a disc; x to the right, y upwards from the middle of the image."""
    rows, columns = image.shape
    y, x = np.mgrid[:rows, :columns]
    x = (x - (columns - 1) / 2) * pixel_mm - centre[0]
    y = ((rows - 1) / 2 - y) * pixel_mm - centre[1]
    return float(image[x * x + y * y < radius_mm * radius_mm].mean())


# name: (host, diameter in mm, a bone of cortex and yellow marrow in the middle)
CASES = {"water-5cm": ("water", 50, False), "water-10cm": ("water", 100, False), "water-20cm": ("water", 200, False),
         "water-30cm": ("water", 300, False), "fat-10cm": ("fat", 100, False), "bone-6cm": ("water", 60, True)}


def main(folder, case, beam):
    """Writes FOLDER/CASE-BEAM.raw (Int16, HU) and the list of what is where beside it."""
    import json
    host, diameter, with_bone = CASES[case]
    folder = pathlib.Path(folder).resolve()
    bowtie = "small.txt" if diameter <= 100 else "large.txt"
    image, pixel, parts = simulate(
        folder / f"{case}-{beam}.work", beam, host=host, diameter_mm=diameter, with_bone=with_bone, bowtie=bowtie)
    np.clip(np.rint(image), -1024, 3071).astype("<i2").tofile(folder / f"{case}-{beam}.raw")
    facts = {"pixelMm": pixel, "size": IMAGE_SIZE, "diameterMm": diameter, "host": host,
             "parts": [{"name": n, "radiusMm": r, "xMm": float(c[0]), "yMm": float(c[1])} for n, r, c, _ in parts]}
    (folder / f"{case}-{beam}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    import sys
    main(*sys.argv[1:])
