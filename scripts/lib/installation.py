"""A whole installation in one temporary folder on loopback: Orthanc as the PACS, apatited, and the scanner's side.

The demonstration, the end-to-end tests and the latency benchmark all start from here.
"""
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request

# Quiet time of the installations made here, in seconds; a hospital's is minutes.
QUIET_SECONDS = 3

ROOT = pathlib.Path(__file__).resolve().parents[2]
# DCMTK leaves Nagle's algorithm on unless told; it costs 40 ms an image.
PEER_ENVIRONMENT = {**os.environ, "TCP_NODELAY": "1"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds, condition, interval=0.1):
    """Polls until `condition()` is true and returns its value; raises with `what` when it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(interval)
    raise TimeoutError(f"waited {seconds} s in vain for {what}")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A server that is started, watched and stopped; its output goes to a file beside its state."""

    def start(self, arguments, log, environment=None):
        self.log = pathlib.Path(log)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(a) for a in arguments], stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                env=environment or PEER_ENVIRONMENT, start_new_session=True)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds=20):
        if self.process is None or not self.running():
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        if self.running():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Orthanc(Process):
    """Orthanc as the PACS, with nothing but its built-in page and DICOM server, unless plugins are named."""

    def __init__(self, folder, plugins=()):
        self.plugins = [str(plugin) for plugin in plugins]
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None
        self.dicom_port, self.http_port = free_port(), free_port()
        self.page = f"http://127.0.0.1:{self.http_port}/app/explorer.html"

    def launch(self):
        configuration = {
            "Name": "PACS", "StorageDirectory": str(self.folder / "storage"), "IndexDirectory": str(self.folder / "storage"),
            "HttpPort": self.http_port, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
            "DicomAet": "PACS", "DicomPort": self.dicom_port, "DicomCheckCalledAet": True,
            "DicomAlwaysAllowStore": True, "OverwriteInstances": False, "Plugins": self.plugins,
        }
        path = self.folder / "orthanc.json"
        path.write_text(json.dumps(configuration))
        self.start(["/usr/sbin/Orthanc", path], self.folder / "orthanc.log")
        wait_for("Orthanc", 30, lambda: listens(self.http_port) and listens(self.dicom_port))
        return self

    def knows(self, title, port):
        """Tells Orthanc where an AE Title listens, so that it can call it."""
        body = json.dumps({"AET": title, "Host": "127.0.0.1", "Port": port}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http_port}/modalities/{title.lower()}", data=body, method="PUT")
        urllib.request.urlopen(request, timeout=30).close()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=30) as answer:
            return json.loads(answer.read())

    def download(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=60) as answer:
            return answer.read()

    def instances(self):
        """Modality and SOP Instance UID of everything stored, by Orthanc's own identifier."""
        result = {}
        for series in self.get("/series?expand"):
            for instance in series["Instances"]:
                result[instance] = series["MainDicomTags"].get("Modality", "")
        return result

    def results(self):
        """Identifiers of the stored instances that are not CT images, by modality."""
        found = {}
        for instance, modality in self.instances().items():
            if modality != "CT":
                found.setdefault(modality, []).append(instance)
        return found


class Apatite(Process):
    """apatited with its state, configuration and results in one folder."""

    def __init__(self, folder, binaries, destinations, quiet_seconds=QUIET_SECONDS, give_up_minutes=240,
                 settings=""):
        self.folder = pathlib.Path(folder)
        self.binaries = pathlib.Path(binaries)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None
        self.port = free_port()
        self.configuration = self.folder / "apatite.toml"
        self.state = self.folder / "state"
        self.configuration.write_text(
            self.describe(destinations, quiet_seconds, give_up_minutes).replace("[limits]", f"{settings}\n[limits]"))

    def describe(self, destinations, quiet_seconds, give_up_minutes):
        text = f"""
[service]
ae_title = "APATITE"
port = {self.port}
state_folder = "{self.state}"
worker = "{self.binaries / 'apatite-worker'}"
installation_serial = "one-folder"

[completion]
quiet_seconds = {quiet_seconds}
give_up_after_minutes = {give_up_minutes}

[limits]
disk_floor_megabytes = 200
"""
        for name, port, title, *settings in destinations:
            text += f"""
[[destinations]]
name = "{name}"
host = "127.0.0.1"
port = {port}
ae_title = "{title}"
retry_first_seconds = 1
"""
            text += "".join(f"{line}\n" for line in settings)
        return text

    def launch(self, environment=None):
        self.start(
            [self.binaries / "apatited", "--config", self.configuration], self.folder / "apatited.log",
            {**PEER_ENVIRONMENT, **(environment or {})})
        wait_for("apatited to listen", 30, lambda: listens(self.port) or not self.running())
        if not self.running():
            raise RuntimeError(f"apatited stopped at once:\n{self.log.read_text()[-2000:]}")
        return self

    def ctl(self, *arguments, check=True):
        run = subprocess.run(
            [self.binaries / "apatitectl", *arguments, "--config", self.configuration], capture_output=True, text=True)
        if check and run.returncode != 0:
            raise RuntimeError(f"apatitectl {' '.join(arguments)}: {run.stderr}")
        return run.stdout

    def all_delivered(self):
        """Whether results were made and each is where it goes."""
        ledger = sqlite3.connect(f"file:{self.state / 'ledger.sqlite'}?mode=ro", uri=True)
        try:
            states = [state for (state,) in ledger.execute("SELECT DISTINCT state FROM delivery")]
        finally:
            ledger.close()
        return states == ["delivered"]

    def studies(self):
        return json.loads(self.ctl("studies", "--json"))

    def deliveries(self):
        return json.loads(self.ctl("deliveries", "--json"))


def send(files, port, called="APATITE", calling="CT_SCANNER", program="storescu"):
    """Sends files over one association with a DCMTK sender, as a scanner sends one series."""
    listing = [str(f) for f in files]
    # The contexts that the files need: what storescu proposes of itself lacks segmentations.
    command = [program, *(["-R"] if program == "storescu" else []), "-aet", calling, "-aec", called, "127.0.0.1", str(port)]
    return subprocess.run([*command, *listing], capture_output=True, text=True, env=PEER_ENVIRONMENT)
