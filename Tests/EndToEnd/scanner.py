"""The scanner's side: a simulated study sent series by series, and studies with something wrong."""
import pathlib

import pydicom
from installation import send


def series(study):
    """The files of a study, a list a series, in the order of their numbers; headers only are read."""
    found = {}
    for path in sorted(pathlib.Path(study).rglob("*.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True)
        key = (int(header.get("SeriesNumber") or 0), header.SeriesInstanceUID)
        found.setdefault(key, []).append((header, path))
    return [found[key] for key in sorted(found)]


def play(study, port, **options):
    """Sends every series over an association of its own; returns the finished senders."""
    return [send([path for _, path in images], port, **options) for images in series(study)]


def energies(study):
    """The two lists of (header, path) of the thin series at the low and at the high energy."""
    pairs = {}
    for images in series(study):
        header = images[0][0]
        if header.Modality == "CT" and len(images) > 8 and "DNRG" in header.ImageType and header.get("KVP"):
            if any(token.startswith("DET_A") and token != "DET_AB" for token in header.ImageType):
                pairs["low"] = images
            elif any(token.startswith("DET_B") for token in header.ImageType):
                pairs["high"] = images
    return pairs["low"], pairs["high"]


def rewrite(images, folder, change):
    """Copies of files with `change(data set, index)` applied; returns their paths."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, (_, path) in enumerate(images):
        data = pydicom.dcmread(path)
        change(data, index)
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        target = folder / f"{index:04}.dcm"
        data.save_as(target)
        paths.append(target)
    return paths
