"""Compares what was found in one cached study with its truth, for the core and for the usual method.

    python libdetection.py FOLDER < found.json

FOLDER holds low.raw, high.raw, labels.raw, study.json and the core's found.raw; standard input is the line that
accuracy-tool printed. Prints {"ours": {...}, "usual": {...}}. Needs numpy, SciPy, edt and connected-components-3d.
"""
import json
import pathlib
import sys

import cc3d
import edt
import numpy as np
from scipy import ndimage

BONE, VASCULAR, OTHER, METAL, PADDING, FIRST_TRUTH = 1, 4, 5, 6, 7, 101
FIRST_FOUND = 16
TRUTH_NAMES = {0: "air", 1: "bone", 2: "nail", 3: "tissue", 4: "vascular", 5: "other", 6: "metal", 7: "padding"}
# HU(low) over HU(high) on soft tissue below which commercial software colours a voxel as urate: published defaults for
# 80/140 and 80/Sn140, the bisector between apatite and urate for the others.
RATIO = {"80/140": 1.25, "80/Sn140": 1.36, "100/Sn140": 1.28, "70/Sn150": 1.56, "80/Sn150": 1.47, "90/Sn150": 1.41}
# Pieces from this size on are removed as bone: a guess that suits hands, not yet fitted on the list for fitting.
BONE_MM3 = 250


def usual(low, high, facts):
    """Threshold, components, ratio: 150 HU in the mixed image, components above a size are bone, each remaining voxel
    is urate or calcium by its ratio on soft tissue of 50 HU; what lies within 1.5 mm of air or has under 4 voxels is
    left out, as the software's filters do."""
    spacing = facts["spacingMm"]
    voxel = float(np.prod(spacing))
    low = ndimage.uniform_filter(low.astype(np.float32), 3)
    high = ndimage.uniform_filter(high.astype(np.float32), 3)
    mixed = (low + high) / 2
    components, count = cc3d.connected_components(mixed >= 150, connectivity=26, return_N=True)
    sizes = np.bincount(components.ravel(), minlength=count + 1) * voxel
    is_bone = sizes > BONE_MM3
    is_bone[0] = False
    bone = is_bone[components]
    depth = edt.edt(ndimage.binary_fill_holes(mixed > -300), anisotropy=spacing[::-1])
    rest = (components > 0) & ~bone & (depth > 1.5)
    ratio = (low - 50) / np.maximum(high - 50, 1)
    is_urate = ratio < RATIO[facts["pair"]]
    labels = np.where(bone, BONE, 0).astype(np.uint16)
    materials = {}
    next_label = FIRST_FOUND
    for material, mask in (("hydroxyapatite", rest & ~is_urate), ("urate", rest & is_urate)):
        parts, number = cc3d.connected_components(mask, connectivity=26, return_N=True)
        counts = np.bincount(parts.ravel(), minlength=number + 1)
        keep = counts >= 4
        keep[0] = False
        table = np.zeros(number + 1, np.uint16)
        table[keep] = next_label + np.arange(keep.sum())
        labels[parts > 0] = np.maximum(labels, table[parts])[parts > 0]
        for label, size in zip(table[keep], counts[keep] * voxel):
            materials[int(label)] = (material, float(size))
        next_label += int(keep.sum())
    # A reader takes for gout what is coloured over more than about 2 mm.
    urate = sum(size for material, size in materials.values() if material == "urate" and size >= 4)
    return labels, {label: m for label, (m, _) in materials.items()}, "positive" if urate else "negative"


def score(found, truth, facts, materials, verdict):
    spacing = facts["spacingMm"]
    voxel = float(np.prod(spacing))
    deposits = [d for d in facts["truth"]["deposits"] if d["scannedFraction"] > 0.9]
    is_found = found >= FIRST_FOUND
    is_deposit = truth >= FIRST_TRUTH
    near = ndimage.binary_dilation(is_deposit, np.ones((3, 3, 3)))
    result = {"seed": facts["seed"], "region": facts["region"], "healthy": facts["isHealthy"], "deposits": []}
    result["trueMm3"] = float(is_deposit.sum() * voxel)
    result["boneCalledMm3"] = float((is_found & (truth == BONE)).sum() * voxel)
    result["lostToBoneMm3"] = float(((found == BONE) & is_deposit).sum() * voxel)
    for name, label in (("vascular", VASCULAR), ("other", OTHER)):
        mask = truth == label
        result[name + "Mm3"] = float(mask.sum() * voxel)
        result[name + "CalledMm3"] = float((is_found & mask).sum() * voxel)

    boxes = ndimage.find_objects(truth)
    found_sizes = np.bincount(found.ravel())
    for d in deposits:
        label = 100 + d["number"]
        box = boxes[label - 1] if label <= len(boxes) else None
        row = {k: d.get(k) for k in ("number", "material", "compartment", "digit", "segment", "touchesBone")}
        row.update(mm=d["equivalentDiameterMm"], mgPerCm3=d["densityMgPerCm3"], found=False)
        row["massMg"] = d["hydroxyapatiteMassMg"]
        if box is not None:
            box = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in box)
            mask = truth[box] == label
            labels, counts = np.unique(found[box][mask], return_counts=True)
            hits = {int(l): int(n) for l, n in zip(labels, counts) if l >= FIRST_FOUND}
            total = int(mask.sum())
            if sum(hits.values()) >= max(1, 0.1 * total):
                row["found"] = True
                row["label"] = max(hits, key=hits.get)
                row["calledAs"] = materials.get(row["label"])
            inside = sum(hits.values())
            size = int(sum(found_sizes[l] for l in hits))
            row["dice"] = 2 * inside / (size + total) if total else 0
        result["deposits"].append(row)

    result["false"] = []
    touching = set(np.unique(found[near & is_found]).tolist())
    objects = ndimage.find_objects(found)
    for label in sorted(materials):
        if label in touching or label > len(objects) or objects[label - 1] is None:
            continue
        box = objects[label - 1]
        mask = found[box] == label
        under = np.bincount(truth[box][mask], minlength=8)
        place = [int(s.start + s.stop - 1) // 2 for s in box][::-1]
        # A vessel's wall is thinner than its image: a tenth of the voxels on it says what was taken for a deposit.
        special = [name for name in (VASCULAR, OTHER, METAL, PADDING) if under[name] >= 0.1 * under.sum()]
        on = TRUTH_NAMES[special[0] if special else int(under.argmax())]
        result["false"].append({"mm3": float(mask.sum() * voxel), "on": on,
                                "touchesBone": bool(under[BONE] > 0), "material": materials[label], "voxel": place})
    tophi = [d for d in deposits if d["material"] == "monosodiumUrate" and d["equivalentDiameterMm"] >= 3
             and d["densityMgPerCm3"] >= 540]
    any_urate = any(d["material"] == "monosodiumUrate" for d in facts["truth"]["deposits"])
    result["urateTruth"] = "tophus" if tophi else "small" if any_urate else "none"
    result["urate"] = verdict
    return result


def places(scored, found, facts):
    """Digit, segment, side and compartment of the deposits that were found: right or wrong."""
    by_label = {d["label"]: d for d in found["deposits"]}
    for row in scored["deposits"]:
        d = by_label.get(row.get("label"))
        if d is None:
            continue
        row["foundMassMg"] = d["massMg"]
        side = facts["truth"]["side"]
        if side in ("right", "left"):
            row["sideRight"] = d.get("side") == side
        row["compartmentRight"] = d.get("compartment") == row["compartment"]
        row["foundCompartment"] = d.get("compartment")
        if row["digit"]:
            row["digitRight"] = d.get("digit") == row["digit"]
            names = ["metacarpal", "proximal", "middle", "distal"] if row["digit"] > 1 else [
                "metacarpal", "proximal", "distal"]
            if row["segment"] is not None:
                row["segmentRight"] = d.get("segment") == names[row["segment"]]


def main():
    folder = pathlib.Path(sys.argv[1])
    found = json.load(sys.stdin)
    facts = json.loads((folder / "study.json").read_text())
    shape = (facts["slices"], facts["rows"], facts["columns"])

    def volume(name, kind):
        return np.fromfile(folder / name, kind).reshape(shape)

    truth = volume("labels.raw", np.uint8)
    materials = {d["label"]: d["material"] for d in found["deposits"]}
    ours = score(volume("found.raw", np.uint16), truth, facts, materials, found.get("urate"))
    places(ours, found, facts)
    ours["analysable"] = found["status"] != "notAnalysable"
    result = {"ours": ours}
    if "--ours" not in sys.argv:
        labels, names, verdict = usual(volume("low.raw", np.int16), volume("high.raw", np.int16), facts)
        result["usual"] = score(labels, truth, facts, names, verdict)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
