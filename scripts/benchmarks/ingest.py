"""Durable images a second: our Inbox beside storescp and Orthanc, and beside what the disk does with the same syncs.

All servers run during the whole measurement and take turns; every run sends images with SOP Instance UIDs of its own.
"""
import argparse
import os
import pathlib
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from installation import PEER_ENVIRONMENT, Apatite, Orthanc, Process, free_port, listens, wait_for  # noqa: E402
from libtable import publish  # noqa: E402

SIDE = 512
WINDOW = 8
# Far beyond a run, so that no analysis begins beside the measurement.
QUIET_SECONDS = 36_000


class Images:
    """CT images whose SOP Instance UIDs are exchanged in place, so that each run has its own."""

    def __init__(self, folder, count):
        from pydicom.dataset import Dataset, FileMetaDataset
        from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

        folder.mkdir()
        image = Dataset()
        image.file_meta = FileMetaDataset()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.SOPClassUID = CTImageStorage
        image.SOPInstanceUID = "2.25." + "1" * 30
        image.StudyInstanceUID = "2.25." + str(secrets.randbits(100))
        image.SeriesInstanceUID = "2.25." + str(secrets.randbits(100))
        image.PatientName, image.PatientID, image.Modality = "BENCHMARK", "B1", "CT"
        image.InstanceNumber = 1
        image.Rows = image.Columns = SIDE
        image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
        image.BitsAllocated = image.BitsStored = 16
        image.HighBit, image.PixelRepresentation = 15, 0
        image.PixelData = os.urandom(SIDE * SIDE * 2)
        template = folder / "template"
        image.save_as(template, enforce_file_format=True)
        content = template.read_bytes()
        template.unlink()
        uid = image.SOPInstanceUID.encode()
        self.offsets = []
        while (found := content.find(uid, self.offsets[-1] + 1 if self.offsets else 0)) >= 0:
            self.offsets.append(found)
        assert len(self.offsets) == 2, "one UID in the meta header and one in the data set"
        self.size = len(content)
        self.paths = [folder / f"{number:04}.dcm" for number in range(count)]
        for path in self.paths:
            path.write_bytes(content)

    def renew(self):
        for path in self.paths:
            uid = b"2.25." + str(10**29 + secrets.randbelow(9 * 10**29)).encode()
            with path.open("r+b") as file:
                for offset in self.offsets:
                    file.seek(offset)
                    file.write(uid)


class Storescp(Process):
    title = "STORESCP"

    def __init__(self, folder):
        folder.mkdir()
        self.port = free_port()
        self.folder = folder

    def launch(self):
        # A process an association, the data set as it came: its fastest form.
        self.start(["storescp", "--fork", "+B", "-od", self.folder, self.port], self.folder.parent / "storescp.log")
        wait_for("storescp", 10, lambda: listens(self.port))
        return self

    def stored(self):
        return sum(1 for _ in self.folder.iterdir())


class InboxAlone(Process):
    """The Inbox without the daemon around it."""
    title = "APATITE"

    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder, binaries

    def launch(self):
        self.process = subprocess.Popen(
            [self.binaries / "ingest-tool", "receive", self.folder, "0"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=PEER_ENVIRONMENT, start_new_session=True)
        self.port = int(self.process.stdout.readline())
        return self

    def stored(self):
        return rows(self.folder)


def rows(state):
    with sqlite3.connect(f"file:{state / 'ledger.sqlite'}?mode=ro", uri=True) as ledger:
        return ledger.execute("SELECT count(*) FROM instance").fetchone()[0]


def pipelined(binaries, port, title, associations, images):
    """Our sender: its own clock runs from the first association request to the last answer."""
    run = subprocess.run(
        [binaries / "ingest-tool", "send", "127.0.0.1", str(port), title, str(WINDOW), str(associations), *images.paths],
        capture_output=True, text=True, check=True, env=PEER_ENVIRONMENT)
    words = run.stdout.split()
    assert int(words[1]) == len(images.paths), f"{title}: {run.stdout}{run.stderr}"
    return len(images.paths) / float(words[3])


def plain(binaries, port, title, associations, images):
    """dcmsend, one process an association: it awaits each answer; its start and its look at the files count."""
    begin = time.monotonic()
    senders = [
        subprocess.Popen(["dcmsend", "-aec", title, "127.0.0.1", str(port), *images.paths[first::associations]],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=PEER_ENVIRONMENT)
        for first in range(associations)]
    for sender in senders:
        _, errors = sender.communicate()
        assert sender.returncode == 0, errors.decode()
    return len(images.paths) / (time.monotonic() - begin)


def disk(folder, writers, images):
    """Images a second of nothing but the syncs: file, rename, folder, one row of SQLite with synchronous FULL."""
    folder.mkdir(exist_ok=True)
    content = images.paths[0].read_bytes()
    name = folder / "limit.sqlite"
    with sqlite3.connect(name) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE IF NOT EXISTS instance (uid TEXT PRIMARY KEY, path TEXT, sha256 TEXT)")
    count = len(images.paths)

    def write(first):
        database = sqlite3.connect(name, timeout=60, isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")
        for number in range(first, count, writers):
            path = folder / f"{number}.dcm"
            part = folder / f"{number}.part"
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
            os.write(file, content)
            os.fdatasync(file)
            os.close(file)
            os.rename(part, path)
            directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(directory)
            os.close(directory)
            database.execute("INSERT INTO instance VALUES (?, ?, ?)", (secrets.token_hex(20), str(number), "0" * 64))
        database.close()

    begin = time.monotonic()
    threads = [threading.Thread(target=write, args=(first,)) for first in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = count / (time.monotonic() - begin)
    for file in folder.glob("*.dcm"):
        file.unlink()
    return rate


def settle():
    """What one run left unwritten must not be the next one's burden."""
    os.sync()


def measure(binaries, folder, options):
    images = Images(folder / "images", options.images)
    orthanc = Orthanc(folder / "orthanc")
    orthanc.title = "PACS"
    daemon = Apatite(folder / "apatited", binaries, [], quiet_seconds=QUIET_SECONDS)
    daemon.title = "APATITE"
    servers = {
        "Inbox alone": InboxAlone(folder / "inbox", binaries),
        "apatited": daemon,
        "storescp": Storescp(folder / "storescp"),
        "Orthanc": orthanc,
    }
    senders = {"pipelining": pipelined, "plain": plain}
    rates = {}
    sent = dict.fromkeys(servers, 0)
    started = []
    try:
        for server in servers.values():
            started.append(server.launch())
        orthanc.port = orthanc.dicom_port
        for turn in range(options.rounds + 1):
            for associations in (1, 4):
                # Who goes first finds another disk than who goes last: the order turns with each round.
                order = list(servers.items())
                order = order[turn % len(order):] + order[:turn % len(order)]
                if turn % 2 == 0:
                    settle()
                    rates.setdefault(("disk", "", associations), []).append(disk(folder / "disk", associations, images))
                for kind, sender in senders.items():
                    for name, server in order:
                        images.renew()
                        settle()
                        rate = sender(binaries, server.port, server.title, associations, images)
                        rates.setdefault((name, kind, associations), []).append(rate)
                        sent[name] += options.images
                if turn % 2 == 1:
                    settle()
                    rates.setdefault(("disk", "", associations), []).append(disk(folder / "disk", associations, images))
            print(f"round {turn} of {options.rounds}{' (warming up, not counted)' if turn == 0 else ''}", file=sys.stderr)
        # A rate of what was not kept would be worth nothing.
        kept = {
            "Inbox alone": servers["Inbox alone"].stored(), "apatited": rows(daemon.state),
            "storescp": servers["storescp"].stored(), "Orthanc": orthanc.get("/statistics")["CountInstances"],
        }
        assert kept == sent, f"kept {kept}, sent {sent}"
    finally:
        for server in started:
            server.kill()
    return {key: statistics.median(values[1:]) for key, values in rates.items()}


def table(rates):
    ratio = lambda name, top, bottom, target: {
        "name": name, "value": top / bottom, "unit": "x", "target": target, "better": "higher"}
    lines = []
    for associations in (1, 4):
        words = f"{associations} association{'s' if associations > 1 else ''}"
        limit = rates["disk", "", associations]
        lines.append({"name": f"disk, {associations} writer{'s' if associations > 1 else ''}: file, rename, folder, row",
                      "value": limit, "unit": "images/s", "target": None, "better": "higher"})
        for kind in ("pipelining", "plain"):
            for name in ("Inbox alone", "apatited", "storescp", "Orthanc"):
                durable = {"storescp": " (syncs nothing)", "Orthanc": " (row synced later)"}.get(name, "")
                lines.append({"name": f"{name}{durable}, {words}, {kind} sender", "value": rates[name, kind, associations],
                              "unit": "images/s", "target": None, "better": "higher"})
        own = rates["apatited", "pipelining", associations]
        lines.append(ratio(f"apatited / Orthanc, {words}, pipelining", own, rates["Orthanc", "pipelining", associations], 2.5))
        lines.append(ratio(f"apatited / disk, {words}, pipelining", own, limit, 0.6))
        lines.append(ratio(f"apatited / storescp, {words}, pipelining", own, rates["storescp", "pipelining", associations], None))
    return lines


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--images", type=int, default=300)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--folder", help="a folder on the disk to be measured; the temporary folder otherwise")
    options = arguments.parse_args()
    binaries = pathlib.Path(os.environ["APATITE_BIN"])
    with tempfile.TemporaryDirectory(prefix="apatite-ingest-", dir=options.folder) as folder:
        rates = measure(binaries, pathlib.Path(folder), options)
    publish(
        f"Ingest of CT images of {SIDE} x {SIDE} x 16 bit, TCP_NODELAY everywhere, "
        f"median of {options.rounds} runs of {options.images}", table(rates), options.json)


if __name__ == "__main__":
    main()
