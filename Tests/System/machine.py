"""A throw-away machine with a systemd of its own, on which Apatite is installed as its package installs it."""
import json
import os
import pathlib
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]


def wait_for(what, seconds, condition, pause=0.2):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(pause)


def install(tree, binaries, drop_in):
    """Lays out what a package installs, below `tree`."""
    programs = {"apatited": "usr/bin", "apatitectl": "usr/bin", "apatite-worker": "usr/libexec/apatite"}
    libraries = tree / "usr/libexec/apatite/lib"
    libraries.mkdir(parents=True)
    for name, folder in programs.items():
        (tree / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(binaries / name, tree / folder / name)
        copy_toolchain_libraries(binaries / name, libraries)
    units = tree / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    for unit in ("apatited.service", "apatited.socket"):
        shutil.copy(ROOT / "systemd" / unit, units / unit)
    for kind, name in (("sysusers", "apatite.sysusers"), ("tmpfiles", "apatite.tmpfiles")):
        (tree / f"usr/lib/{kind}.d").mkdir(parents=True)
        shutil.copy(ROOT / "systemd" / name, tree / f"usr/lib/{kind}.d/apatite.conf")
    shutil.copytree(ROOT / "etc/apatite", tree / "etc/apatite")
    (tree / "etc/apatite/apatite.toml.d").mkdir(exist_ok=True)
    (tree / "etc/apatite/apatite.toml.d/50-test.toml").write_text(drop_in)
    # The one difference from the package, whose programs need no library of the toolchain; and a watchdog for the
    # impatient.
    extra = tree / "etc/systemd/system/apatited.service.d"
    extra.mkdir(parents=True)
    (extra / "test.conf").write_text(
        "[Service]\nEnvironment=LD_LIBRARY_PATH=/usr/libexec/apatite/lib\nWatchdogSec=5s\n")


def copy_toolchain_libraries(program, folder):
    """The toolchain may live in a home directory, which the service must not see."""
    output = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        path = line.split("=>")[1].split("(")[0].strip() if "=>" in line else ""
        if path and not path.startswith(("/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")):
            shutil.copy(path, folder)


class Machine:
    def __init__(self, folder, tree):
        self.state = folder / "machine"
        self.state.mkdir()
        self.log = open(folder / "boot.log", "w+")
        self.process = subprocess.Popen(
            [*AS_ROOT, ROOT / "scripts/lib/throwaway-systemd.sh", self.state, tree], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT)
        self.init = None
        wait_for("the machine to boot", 30, self.has_booted)

    def has_booted(self):
        self.log.seek(0)
        assert self.process.poll() is None, f"the machine stopped: {self.log.read()}"
        self.init = self.init or self.find_init()
        if not self.init or pathlib.Path(f"/proc/{self.init}/comm").read_text() != "systemd\n":
            return False
        return self.run("systemctl", "is-active", "basic.target", check=False).returncode == 0

    def find_init(self):
        """The child of `unshare`, below sudo where there is one."""
        waiting = [self.process.pid]
        while waiting:
            pid = waiting.pop()
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if pathlib.Path(f"/proc/{pid}/comm").read_text() == "unshare\n":
                return int(children[0]) if children else None
            waiting += [int(child) for child in children]
        return None

    def command(self, *arguments):
        return [
            *AS_ROOT, "nsenter", "--target", str(self.init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup",
            "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TCP_NODELAY=1",
            "LD_LIBRARY_PATH=/usr/libexec/apatite/lib", *map(str, arguments)]

    def run(self, *arguments, check=True):
        run = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
        assert not check or run.returncode == 0, f"{arguments}: {run.stdout}{run.stderr}"
        return run

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def studies(self):
        run = self.run("apatitectl", "studies", "--json", check=False)
        return json.loads(run.stdout) if run.returncode == 0 else []

    def journal(self, unit="apatited.service"):
        output = self.run("journalctl", "--unit", unit, "--output", "json", "--all", "--no-pager").stdout
        return [json.loads(line) for line in output.splitlines() if line.startswith("{")]

    def destroy(self):
        # Process 1 of the namespace ends with `unshare`, and everything in it with process 1.
        if self.init:
            subprocess.run([*AS_ROOT, "kill", "-KILL", str(self.init)], check=False)
        self.process.wait(20)
        group = self.state / "cgroup"
        if group.exists():
            subprocess.run(
                [*AS_ROOT, "find", group.read_text().strip(), "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"],
                check=False, capture_output=True)
        self.log.close()
