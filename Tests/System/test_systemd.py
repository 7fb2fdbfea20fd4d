"""The service under a real systemd: notify, socket activation, watchdog, hardening, journal."""
import json
import re
import subprocess
import time

from machine import ROOT, wait_for


def send(machine, number):
    run = machine.run(
        "storescu", "+sd", "+r", "-aet", "CT1", "-aec", "APATITE", "127.0.0.1", "11112",
        f"/srv/scanner/{number}/study", check=False)
    assert run.returncode == 0, run.stderr


def states(machine):
    return [study["state"] for study in reversed(machine.studies())]


def results(machine):
    return machine.run("find", "/srv/pacs", "-type", "f").stdout.split()


def made(machine):
    """Results of all studies, by the ledger."""
    count = machine.run(
        "sqlite3", "-readonly", "/var/lib/apatite/ledger.sqlite", "SELECT count(*) FROM delivery").stdout
    return int(count)


def test_the_unit_is_hardened_to_one_point_two():
    run = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=12", "--no-pager",
         ROOT / "systemd/apatited.service"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_units_have_no_mistakes(machine):
    run = machine.run("systemd-analyze", "verify", "apatited.service", "apatited.socket", check=False)
    assert run.returncode == 0 and "apatited" not in run.stderr, run.stderr


def test_each_hardening_line_has_its_reason_beside_it():
    lines = (ROOT / "systemd/apatited.service").read_text().splitlines()
    start = lines.index("CapabilityBoundingSet=")
    above = ""
    for line in lines[start - 1:lines.index("[Install]")]:
        if line and not line.startswith("#"):
            assert above.startswith("#") or "=" in above, line
        above = line


def test_a_study_through_the_activated_port_is_reported(machine):
    machine.run("systemctl", "start", "apatited.socket")
    assert machine.show("apatited.service", "ActiveState") == "inactive"
    send(machine, 1)
    assert machine.show("apatited.service", "ActiveState") == "active"
    wait_for("the report", 180, lambda: states(machine) == ["reported"], 0.5)
    wait_for("the results in the PACS", 60, lambda: len(results(machine)) == made(machine) > 3)


def test_the_status_is_in_words(machine):
    wait_for("the status", 10, lambda: "last report" in machine.show("apatited.service", "StatusText"))
    text = machine.show("apatited.service", "StatusText")
    assert re.fullmatch(
        r"receiving 0 associations; 0 studies waiting, 0 analysing(; [^;]+)*; last report \d\d:\d\d", text), text


def test_it_runs_as_its_own_user_and_keeps_its_files_to_itself(machine):
    pid = machine.show("apatited.service", "MainPID")
    assert machine.run("ps", "-o", "user=", "-p", pid).stdout.strip() == "apatite"
    assert machine.run("stat", "-c", "%U %a", "/var/lib/apatite").stdout.strip() == "apatite 700"
    assert "NoNewPrivs:\t1" in machine.run("cat", f"/proc/{pid}/status").stdout


def test_a_restart_loses_nothing_and_doubles_nothing(machine):
    before = machine.show("apatited.service", "MainPID")
    machine.run("systemctl", "restart", "apatited.service")
    assert machine.show("apatited.service", "MainPID") != before
    send(machine, 1)
    time.sleep(4)
    assert states(machine) == ["reported"]
    assert len(results(machine)) == made(machine)


def test_a_stop_during_an_analysis_is_quick_and_the_next_start_resumes_it(machine):
    send(machine, 2)
    wait_for("the analysis", 60, lambda: states(machine)[1:] == ["analysing"], 0.05)
    begun = time.monotonic()
    machine.run("systemctl", "stop", "apatited.socket", "apatited.service")
    assert time.monotonic() - begun < 8
    assert machine.show("apatited.service", "Result") == "success"
    # apatitectl works with the daemon down.
    assert states(machine) == ["reported", "queued"]
    # The worker was put back, not taken for one that crashed.
    events = json.loads(machine.run("apatitectl", "show", "2", "--json").stdout)["events"]
    assert "analysisFailed" not in [event["kind"] for event in events]
    assert machine.run("pgrep", "-f", "apatite-worker", check=False).returncode == 1
    machine.run("systemctl", "start", "apatited.service")
    wait_for("the report", 180, lambda: states(machine) == ["reported", "reported"], 0.5)
    wait_for("the results in the PACS", 60, lambda: len(results(machine)) == made(machine))


def test_a_service_that_hangs_is_started_again(machine):
    restarts = int(machine.show("apatited.service", "NRestarts"))
    machine.run("kill", "-STOP", machine.show("apatited.service", "MainPID"))
    wait_for("the watchdog", 40, lambda: int(machine.show("apatited.service", "NRestarts")) > restarts)
    wait_for("the new start", 20, lambda: machine.show("apatited.service", "ActiveState") == "active")
    assert states(machine) == ["reported", "reported"]


def test_a_wrong_configuration_is_named_and_not_tried_again_and_again(machine):
    machine.run("sh", "-c", "echo '[service]\nprt = 1' > /etc/apatite/apatite.toml.d/60-wrong.toml")
    assert machine.run("systemctl", "restart", "apatited.service", check=False).returncode != 0
    time.sleep(3)
    assert machine.show("apatited.service", "ActiveState") == "failed"
    assert machine.show("apatited.service", "ExecMainStatus") == "78"
    messages = [line for line in machine.journal() if "60-wrong.toml:2: unknown key service.prt" in line["MESSAGE"]]
    assert messages and messages[0]["PRIORITY"] == "2"
    check = machine.run("apatitectl", "check-config", check=False)
    assert check.returncode == 78 and "60-wrong.toml:2" in check.stderr
    machine.run("rm", "/etc/apatite/apatite.toml.d/60-wrong.toml")
    machine.run("systemctl", "restart", "apatited.service")


def test_the_journal_has_priorities_and_no_patient(machine):
    lines = machine.journal()
    ours = [line for line in lines if line.get("_COMM") == "apatited"]
    assert {line["PRIORITY"] for line in ours} >= {"2", "6"}
    detail = machine.run("apatitectl", "show", "1", "--json").stdout
    name = re.search(r'"patientName" : "([^"]+)"', detail).group(1)
    patient = re.search(r'"patientID" : "([^"]+)"', detail).group(1)
    assert name and patient
    assert not [line for line in lines if name in str(line["MESSAGE"]) or patient in str(line["MESSAGE"])]
