"""Reads segmentations with dcmqi and SimpleITK and compares them voxel for voxel with the labels they were made of.

usage: read_geometry.py FOLDER ...

Each folder holds seg.dcm, labels.raw (16 bits, column fastest) and grid.json: size, origin, the steps between voxels along
columns, rows and slices in patient coordinates, and the label of each segment. Prints what differs as a JSON list.
"""
import json
import pathlib
import subprocess
import sys

import numpy as np
import SimpleITK as sitk


def compare(folder):
    grid = json.loads((folder / "grid.json").read_text())
    columns, rows, slices = grid["size"]
    labels = np.fromfile(folder / "labels.raw", dtype="<u2").reshape(slices, rows, columns)
    steps = np.array([grid["column"], grid["row"], grid["slice"]]).T
    found = []
    output = folder / "dcmqi"
    output.mkdir()
    tool = pathlib.Path(sys.executable).parent / "segimage2itkimage"
    run = subprocess.run(
        [tool, "--inputDICOM", folder / "seg.dcm", "--outputDirectory", output, "--outputType", "nrrd"],
        capture_output=True, text=True)
    if run.returncode != 0:
        return [f"{folder.name}: dcmqi: {run.stderr[-300:]}"]
    meta = json.loads((output / "meta.json").read_text())
    segments = [segment for group in meta["segmentAttributes"] for segment in group]
    if sorted(s["labelID"] for s in segments) != sorted(int(n) for n in grid["labels"]):
        found.append(f"{folder.name}: segments {[s['labelID'] for s in segments]}")
    seen = 0
    for segment in segments:
        image = sitk.ReadImage(str(output / f"{segment['labelID']}.nrrd"))
        values = sitk.GetArrayFromImage(image)
        indices = np.argwhere(values > 0)[:, ::-1]
        scale = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
        points = indices @ scale.T + np.array(image.GetOrigin())
        place = np.linalg.solve(steps, (points - np.array(grid["origin"])).T).T
        error = np.abs(place - np.rint(place)).max()
        mask = np.zeros_like(labels, dtype=bool)
        i, j, k = np.rint(place).astype(int).T
        mask[k, j, i] = True
        label = grid["labels"][str(segment["labelID"])]
        if error > 0.01 or not np.array_equal(mask, labels == label):
            found.append(f"{folder.name}: segment {segment['labelID']}: off by {error:.3f} voxels, "
                         f"{int(mask.sum())} voxels of {int((labels == label).sum())}")
        seen += len(indices)
    # The frames themselves, without any tool between. Of frames that do not end at a byte SimpleITK's reader takes the
    # last pixels from beyond the value.
    frames = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "seg.dcm")))
    if columns * rows % 8 == 0 and int((frames > 0).sum()) != seen:
        found.append(f"{folder.name}: SimpleITK sees {int((frames > 0).sum())} voxels of {seen}")
    return found


print(json.dumps([line for path in sys.argv[1:] for line in compare(pathlib.Path(path))]))
