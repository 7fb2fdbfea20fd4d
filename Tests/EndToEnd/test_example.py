"""The library in another Swift package, as the README shows it: built and run, without a network."""
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_another_package_weighs_a_deposit_in_five_lines():
    # Beside the test build, so that only the first run compiles the core. What our own manifest names comes from the
    # package manager's cache, which that build has filled.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("APATITE_")}
    run = subprocess.run(
        ["swift", "run", "--configuration", "release", "--package-path", ROOT / "Examples" / "FiveLines",
         "--scratch-path", ROOT / ".build-test" / "five-lines"],
        capture_output=True, text=True, env=environment, timeout=900)
    assert run.returncode == 0, run.stderr
    found = re.fullmatch(r"hydroxyapatite ([0-9.]+) \+- ([0-9.]+) mg/cm3\n", run.stdout)
    assert found, run.stdout
    assert abs(float(found[1]) - 200) < 20


def test_the_readme_shows_the_example_that_is_run():
    lines = (ROOT / "Examples" / "FiveLines" / "Sources" / "FiveLines" / "main.swift").read_text().strip()
    assert lines in (ROOT / "README.md").read_text()
