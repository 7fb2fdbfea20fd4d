"""One machine for all tests of this folder: they follow one another as the days of an installation do."""
import os
import pathlib
import subprocess

import pytest

from machine import Machine, install

PACS = """
[service]
installation_serial = "test-machine"

[completion]
quiet_seconds = 2

[limits]
disk_floor_megabytes = 10

[[destinations]]
name = "pacs"
host = "127.0.0.1"
port = 11113
ae_title = "PACS"
retry_first_seconds = 1
retry_limit_seconds = 2
"""


@pytest.fixture(scope="session")
def binaries():
    folder = os.environ.get("APATITE_BIN")
    assert folder, "APATITE_BIN names the folder of the built programs: run scripts/test"
    return pathlib.Path(folder)


@pytest.fixture(scope="session")
def machine(binaries, tmp_path_factory):
    folder = tmp_path_factory.mktemp("system")
    tree = folder / "tree"
    install(tree, binaries, PACS)
    for number in (1, 2):
        subprocess.run(
            [binaries / "apatite", "phantom", "hand", "--quick", "--slices", "40", "--seed", str(number),
             "--output", tree / f"srv/scanner/{number}"], check=True, capture_output=True)
    (tree / "srv/pacs").mkdir()
    started = Machine(folder, tree)
    try:
        started.run("systemd-sysusers", "/usr/lib/sysusers.d/apatite.conf")
        started.run("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/apatite.conf")
        started.run("systemctl", "daemon-reload")
        started.pacs = started.start("storescp", "-aet", "PACS", "-od", "/srv/pacs", "11113")
        yield started
    finally:
        if started.init:
            lines = started.run("journalctl", "--unit", "apatited.service", "--no-pager", check=False).stdout
            print(f"--- journal\n{lines[-6000:]}")
        started.destroy()
