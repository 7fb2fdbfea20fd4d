"""The demonstration: a dual-energy study goes from a scanner to a PACS and comes back as a report."""
import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

import pydicom
from installation import ROOT, Apatite, Orthanc, send, wait_for

QUIET_SECONDS = 5
BOLD, PLAIN = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")


def step(text):
    print(f"\n{BOLD}== {text}{PLAIN}", flush=True)


def make_study(binaries, folder, slices):
    step(f"The patient: a simulated right hand with calcinosis, {slices} slices at each energy")
    started = time.monotonic()
    subprocess.run(
        [binaries / "apatite", "phantom", "hand", "--quick", "--slices", str(slices), "--output", folder], check=True)
    print(f"made in {time.monotonic() - started:.0f} s: {folder / 'study'}")
    return folder / "study"


def by_series(study):
    """Files of each series with its description, in the order of the series numbers."""
    found = {}
    for path in sorted(study.rglob("*.dcm")):
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SeriesNumber", "SeriesDescription", "Modality"])
        key = (int(header.get("SeriesNumber") or 0), str(header.get("SeriesDescription", "")), header.Modality)
        found.setdefault(key, []).append(path)
    return sorted(found.items())


def play_scanner(series, port):
    """Sends each series over an association of its own, as the consoles do; returns the images a second."""
    started, total = time.monotonic(), 0
    for (number, description, modality), files in series:
        begun = time.monotonic()
        sender = send(files, port, program="dcmsend")
        if sender.returncode != 0:
            raise SystemExit(f"the scanner could not send series {number}:\n{sender.stdout}{sender.stderr}")
        total += len(files)
        print(f"  series {number:>4}  {modality:<3} {description:<38} {len(files):>4} images "
              f"{time.monotonic() - begun:6.1f} s", flush=True)
    print(f"  {total} images, {total / (time.monotonic() - started):.0f} a second, each on the disk before its Success")
    return total


def wait_for_report(apatite, pacs):
    """Shows how the study's state changes until all results are in the PACS; returns the seconds it took."""
    started, shown = time.monotonic(), None
    while time.monotonic() - started < 600:
        studies = apatite.studies()
        state = studies[0]["state"] if studies else "receiving"
        if state != shown:
            print(f"  {time.monotonic() - started:5.1f} s  {state}", flush=True)
            shown = state
        if state in ("setAside", "leftAlone"):
            raise SystemExit(f"the study was not reported: {studies[0].get('reason')}")
        if apatite.all_delivered():
            seconds = time.monotonic() - started
            print(f"  {seconds:5.1f} s  report, segmentation and picture are in the PACS")
            return seconds
        if not apatite.running():
            raise SystemExit(f"apatited stopped:\n{apatite.log.read_text()[-3000:]}")
        time.sleep(0.25)
    raise SystemExit("no report after ten minutes")


def concept(item):
    return item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else ""


def print_report(path):
    """The structured report as it stands in the PACS, laid out for reading: text first, then the tables."""
    report = pydicom.dcmread(path)
    print(f"\n{BOLD}{report.SeriesDescription}{PLAIN}   {report.CompletionFlag}, {report.VerificationFlag}\n")
    for item in report.ContentSequence:
        if concept(item) in ("Impressions", "Recommendation"):
            for text in [item, *item.get("ContentSequence", [])]:
                if text.ValueType == "TEXT":
                    for paragraph in text.TextValue.splitlines():
                        print(textwrap.fill(paragraph, 108, initial_indent="  ", subsequent_indent="  "))
        if concept(item) == "Imaging Measurements":
            print_measurements([read_group(group) for group in item.ContentSequence])


def read_group(group):
    """Title, coded statements and numbers (value, interval, unit by name) of one measurement group."""
    title, facts, numbers = "", {}, {}
    for item in group.get("ContentSequence", []):
        name = concept(item)
        if name == "Tracking Identifier":
            title = item.TextValue
        elif item.ValueType == "CODE" and item.RelationshipType == "CONTAINS":
            facts[name] = concept_value(item)
        elif item.ValueType == "NUM" and item.get("MeasuredValueSequence"):
            measured = item.MeasuredValueSequence[0]
            unit = measured.MeasurementUnitsCodeSequence[0].CodeValue
            value = float(measured.NumericValue)
            text = f"{value:g}"
            width = {concept(c)[0]: float(c.MeasuredValueSequence[0].NumericValue)
                     for c in item.get("ContentSequence", []) if c.ValueType == "NUM"}
            if width:
                text += f" ({max(0, value - width.get('-', 0)):.3g}-{value + width.get('+', 0):.3g})"
            derivation = [concept_value(c) for c in item.get("ContentSequence", []) if concept(c) == "Derivation"]
            numbers[" ".join([*derivation, name])] = (text, {"1": "", "{ratio}": "", "[hnsf'U]": "HU"}.get(unit, unit))
    return title, facts, numbers


# The columns of the table of deposits: heading and the name of the number in the report.
COLUMNS = [
    ("volume mm3", "Volume"), ("HA mass mg", "Hydroxyapatite-equivalent mass"),
    ("mean mg/cm3", "Mean Hydroxyapatite-equivalent density"), ("peak", "Maximum Hydroxyapatite-equivalent density"),
    ("diam. mm", "Maximum 3D Diameter of a Mesh"), ("to skin", "Distance from skin"),
    ("to bone", "Shortest distance to bone"), ("ratio", "Pooled dual-energy ratio"),
]


def print_measurements(groups):
    deposits = [group for group in groups if "Material class" in group[1]]
    if deposits:
        rows = [["", *(heading for heading, _ in COLUMNS)]]
        rows += [[title, *(numbers.get(name, ("-", ""))[0] for _, name in COLUMNS)] for title, _, numbers in deposits]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        print()
        for row in rows:
            print("  " + row[0].ljust(widths[0]) + "".join("  " + cell.rjust(w) for cell, w in zip(row[1:], widths[1:])))
    for title, facts, numbers in groups:
        if "Material class" not in facts:
            print(f"\n  {BOLD}{title}{PLAIN}")
            for name, value in facts.items():
                print(f"    {name}: {value}")
            for name, (value, unit) in numbers.items():
                print(f"    {name}: {value} {unit}".rstrip())


def concept_value(item):
    return item.ConceptCodeSequence[0].CodeMeaning


def fetch(pacs, folder):
    """Every result as a file, by modality."""
    files = {}
    for modality, instances in pacs.results().items():
        for number, instance in enumerate(instances, 1):
            path = folder / f"{modality}-{number}.dcm"
            path.write_bytes(pacs.download(f"/instances/{instance}/file"))
            files[modality] = path
            if modality == "OT":
                (folder / f"summary-{number}.png").write_bytes(pacs.download(f"/instances/{instance}/preview"))
    return files


def second_send(series, apatite, pacs):
    step("The scanner sends the same study once more")
    before = sorted(pacs.instances())
    play_scanner(series, apatite.port)
    # Longer than the quiet time: an analysis that starts wrongly would show by then.
    time.sleep(2 * QUIET_SECONDS)
    after, studies = sorted(pacs.instances()), apatite.studies()
    same = before == after and len(studies) == 1 and studies[0]["state"] == "reported"
    print(f"  PACS: {len(before)} results before, {len(after)} after; studies in the ledger: {len(studies)}")
    if not same:
        raise SystemExit("the second send changed something")
    print("  nothing changed, nothing doubled")


def main():
    arguments = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    arguments.add_argument("--keep", action="store_true", help="leave Orthanc and apatited running")
    arguments.add_argument("--slices", type=int, default=320, help="slices of each energy (default 320)")
    options = arguments.parse_args()

    binaries = pathlib.Path(os.environ["APATITE_BIN"])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="apatite-demo-"))
    pictures = ROOT / ".demo"
    shutil.rmtree(pictures, ignore_errors=True)
    try:
        pictures.mkdir()
    except OSError as error:
        raise SystemExit(f"{pictures} of an earlier run cannot be replaced ({error.strerror}): remove it") from None
    pacs, apatite, keep = Orthanc(folder / "pacs"), None, False
    # A closed terminal ends it like Ctrl-C and kill: nothing is left running.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        study = make_study(binaries, folder / "phantom", options.slices)
        step("The PACS (Orthanc) and Apatite start on loopback")
        pacs.launch()
        # In two steps: what a Ctrl-C during its start leaves is known below.
        apatite = Apatite(folder / "apatite", binaries, [("pacs", pacs.dicom_port, "PACS")], QUIET_SECONDS)
        apatite.launch()
        print(f"  PACS {pacs.page}\n  Apatite listens on port {apatite.port}, its state is in {apatite.folder}")

        step("The scanner sends its study")
        series = by_series(study)
        play_scanner(series, apatite.port)

        step(f"Apatite waits {QUIET_SECONDS} s of silence, analyses and delivers")
        seconds = wait_for_report(apatite, pacs)

        step("The report, as it came back from the PACS")
        files = fetch(pacs, pictures)
        print_report(files["SR"])
        print(f"\n  from the last image to the report in the PACS: {seconds:.1f} s (of it {QUIET_SECONDS} s of waiting)")
        print(f"  picture: {pictures / 'summary-1.png'}\n  report, segmentation and picture as DICOM: {pictures}")

        second_send(series, apatite, pacs)
        print(f"\n{apatite.ctl('studies')}")
        keep = options.keep
    finally:
        if keep:
            print(f"""
Left running. Orthanc's page: {pacs.page}
  {binaries}/apatitectl studies --config {apatite.configuration}
  stop: kill {apatite.process.pid} {pacs.process.pid}; then rm -r {folder}""")
        else:
            # A second Ctrl-C does not stop the cleaning up.
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            for server in filter(None, [apatite, pacs]):
                # One that does not stop in time was killed: the other still has to be stopped.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.stop()
            shutil.rmtree(folder, ignore_errors=True)
            print("\nStopped and cleaned up. `scripts/demo --keep` leaves all running to look at it in Orthanc's page.")


if __name__ == "__main__":
    main()
