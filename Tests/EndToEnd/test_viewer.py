"""What a reader sees: the results in a web viewer that is not ours, in a real browser."""
import os
import pathlib
import shutil
import subprocess

import pytest
from PIL import Image

from installation import Orthanc, send

VIEWER = pathlib.Path("/usr/share/orthanc/plugins/libOrthancWebViewer.so")
BANNER, CALCINOSIS = (0xF0, 0xE4, 0x42), (0xFF, 0x70, 0x00)


@pytest.fixture(scope="module")
def shown(phantom, binaries, tmp_path_factory):
    """Orthanc with its web viewer and the results of one study; its series by description."""
    assert VIEWER.exists(), "the web viewer is not installed: Debian package orthanc-webviewer"
    folder = tmp_path_factory.mktemp("viewer")
    made = phantom("--slices", "160", "--seed", "11")
    subprocess.run(
        [binaries / "apatite", "analyze", made / "study", "--output", folder / "out"], check=True, capture_output=True)
    pacs = Orthanc(folder / "pacs", plugins=[VIEWER]).launch()
    try:
        results = [*sorted((folder / "out").glob("*.dcm")), *sorted((folder / "out" / "maps" / "ha").glob("*.dcm"))]
        sender = send(results, pacs.dicom_port, called="PACS")
        assert sender.returncode == 0, sender.stderr
        series = {s["MainDicomTags"]["SeriesDescription"]: s["ID"] for s in pacs.get("/series?expand")}
        yield pacs, series
    finally:
        pacs.kill()


def screenshot(pacs, series, path):
    """The viewer with a series, as a browser shows it."""
    url = f"http://127.0.0.1:{pacs.http_port}/web-viewer/app/viewer.html?series={series}"
    # Headless browsers count virtual time: the page has all it needs long before.
    run = subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,1100",
         "--virtual-time-budget=15000", f"--screenshot={path}", url], capture_output=True, text=True, timeout=90)
    assert path.exists(), run.stderr[-2000:]
    keep = os.environ.get("APATITE_ARTEFACTS")
    if keep:
        pathlib.Path(keep).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, keep)
    return Image.open(path).convert("RGB")


def near(image, colour, tolerance=40):
    """Pixels of about this colour."""
    return sum(
        count for count, pixel in image.getcolors(image.width * image.height)
        if all(abs(a - b) <= tolerance for a, b in zip(pixel, colour)))


def one(series, beginning):
    found = [identifier for description, identifier in series.items() if description.startswith(beginning)]
    assert len(found) == 1, sorted(series)
    return found[0]


def test_the_pictures_open_in_a_browser(shown, tmp_path):
    pacs, series = shown
    image = screenshot(pacs, one(series, "Apatite summary"), tmp_path / "viewer-summary.png")
    assert near(image, BANNER) > 10_000, "the banner across the page"
    assert near(image, CALCINOSIS) > 1_000, "coloured deposits and their names"


def test_the_hydroxyapatite_map_opens_in_a_browser(shown, tmp_path):
    pacs, series = shown
    image = screenshot(pacs, one(series, "Apatite HA map"), tmp_path / "viewer-map.png").convert("L")
    # The first slice is air and tips of fingers; the viewer's own words and the image's grey are what is not black.
    assert sum(image.histogram()[21:]) > 20_000
