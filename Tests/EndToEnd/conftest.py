"""Fixtures: the binaries under test, simulated studies that are made once, a PACS and an installation for each test."""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from installation import Apatite, Orthanc  # noqa: E402


@pytest.fixture(scope="session")
def binaries():
    """The folder of the test build: scripts/test names it, and it has the crash points."""
    folder = os.environ.get("APATITE_BIN")
    assert folder, "APATITE_BIN names the folder of the built programs: run scripts/test"
    return pathlib.Path(folder)


@pytest.fixture(scope="session")
def phantom(binaries, tmp_path_factory):
    """Makes simulated studies by the arguments of `apatite phantom hand`; each is made once."""
    made = {}

    def make(*arguments):
        if arguments not in made:
            folder = tmp_path_factory.mktemp("phantom")
            subprocess.run(
                [binaries / "apatite", "phantom", "hand", "--quick", "--output", folder, *arguments],
                check=True, capture_output=True)
            made[arguments] = folder
        return made[arguments]

    return make


@pytest.fixture
def pacs(tmp_path):
    orthanc = Orthanc(tmp_path / "pacs").launch()
    yield orthanc
    orthanc.kill()


@pytest.fixture
def install(tmp_path, binaries, request):
    """Starts installations; all are killed when the test ends, and their log is shown when it failed."""
    started = []

    def launch(destinations, **options):
        environment = options.pop("environment", None)
        apatite = Apatite(tmp_path / f"apatite{len(started)}", binaries, destinations, **options)
        started.append(apatite)
        return apatite.launch(environment)

    yield launch
    for apatite in started:
        apatite.kill()
        print(f"--- {apatite.log}\n{apatite.log.read_text()[-4000:]}")
