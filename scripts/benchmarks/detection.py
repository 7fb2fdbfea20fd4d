"""Deposits found and nothing else: randomised studies made by projection and reconstruction, analysed by the core and,
beside it, by the usual method (150 HU, components, ratio per voxel), each compared with the truth.

    scripts/benchmark detection [--seeds fit|report] [--studies N] [--only SEED ...] [--cache DIR] [--jobs N]
                                [--json FILE] [--docs]

The lists of seeds and what studies are drawn from are in detection-studies.json: thresholds are fitted on `fit`, numbers
are published on `report`. Studies are made once and kept in the cache, and so is what the usual method and one build of
the core make of each: a run that was stopped goes on where it was. --studies N takes N of the list, hands and other
regions in the list's proportion. --docs writes the table into the documentation.
"""
import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

from libenvironment import ROOT, python_with
from libtable import publish

STUDIES = ROOT / "scripts/benchmarks/detection-studies.json"
PEERS = ["numpy==2.4.6", "scipy==1.17.1", "connected-components-3d==4.1.1", "edt==3.1.2"]
# Every so many hands of the list is examined again: once unchanged, once changed.
AGAIN_EVERY = 5
# What the documentation says of each list.
FITTED = {"fit": "which thresholds were fitted on.",
          "report": "which no threshold was fitted on; one rule, that a plate of a single slice on bone is no lump, was "
                    "prompted by a study of it."}


def wilson(right, count, z=1.96):
    """95 % interval of a share, in percent. Reference: Wilson, J Am Stat Assoc 1927;22:209."""
    if count == 0:
        return None
    p = right / count
    middle = p + z * z / (2 * count)
    reach = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return [100 * (middle - reach) / (1 + z * z / count), 100 * (middle + reach) / (1 + z * z / count)]


def share(values):
    values = [v for v in values if v is not None]
    return (100 * sum(values) / len(values), wilson(sum(values), len(values)), len(values)) if values else (
        float("nan"), None, 0)


def chosen(seeds, count):
    """Seeds of the list, hands and others in proportion."""
    hands, others = seeds["hands"], seeds["others"]
    if count == 0 or count >= len(hands) + len(others):
        return hands + others
    of_hands = min(len(hands), max(1, round(count * len(hands) / (len(hands) + len(others)))))
    return hands[:of_hands] + others[:count - of_hands]


class Studies:
    """Runs accuracy-tool and the comparison for one study at a time."""

    def __init__(self, name, cache):
        self.name, self.cache = name, cache
        self.python = python_with(".build-peers-detection", PEERS)
        self.tool = pathlib.Path(os.environ["APATITE_BIN"]) / "accuracy-tool"
        # Whatever changes the numbers of a study that is made: the comparison, its packages and the lists, and for ours
        # the core.
        digest = hashlib.sha256(json.dumps(PEERS).encode())
        for part in (pathlib.Path(__file__).with_name("libdetection.py"), STUDIES):
            digest.update(part.read_bytes())
        self.comparison = digest.hexdigest()
        digest.update(self.tool.read_bytes())
        self.build = digest.hexdigest()

    def measured(self, seed, again):
        """Both methods' scores of a study, and what the core makes of its second examinations where `again`."""
        kept = self.cache / f"{self.name}-{seed}" / "scored.json"
        facts = kept.with_name("study.json")
        usual = {}
        # A study that was made anew is another one.
        if kept.exists() and facts.exists() and facts.stat().st_mtime <= kept.stat().st_mtime:
            result = json.loads(kept.read_text())
            if result["build"] == self.build and (result["again"] or not again or result["ours"]["healthy"]):
                return result
            if result.get("comparison") == self.comparison:
                usual = {"usual": result["usual"]}
        found = self.found(seed)
        scored = usual | self.scored(seed, found, only_ours=bool(usual))
        again = again and not scored["ours"]["healthy"]
        result = {"build": self.build, "comparison": self.comparison, "again": again, "seconds": found["seconds"],
                  "pairs": [], **scored}
        for visit in ("repeat", "changed") if again else ():
            then = self.found(seed, visit)
            ours = self.scored(seed, then, visit, only_ours=True)["ours"]
            result["pairs"].append([visit, found, scored["ours"], then, ours])
        whole = kept.with_suffix(".part")
        whole.write_text(json.dumps(result))
        whole.replace(kept)
        return result

    def found(self, seed, visit=None):
        arguments = [self.tool, "detection", STUDIES, self.name, str(seed), self.cache] + ([visit] if visit else [])
        run = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(run.stdout) if run.stdout.strip() else None

    def scored(self, seed, found, visit=None, only_ours=False):
        folder = self.cache / f"{self.name}-{seed}{'-' + visit if visit else ''}"
        run = subprocess.run([self.python, ROOT / "scripts/benchmarks/libdetection.py", folder]
                             + (["--ours"] if only_ours else []),
                             input=json.dumps(found), stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(run.stdout)


def row(name, value, unit="%", interval=None, peer=None, target=None, better="higher", count=None):
    if count is not None:
        name += f" (n {count})"
    return {"name": name, "value": value, "unit": unit, "interval": interval, "peer": peer, "target": target,
            "better": better}


def table(ours, usual):
    rows = []

    def deposits(studies, condition):
        return [d["found"] for s in studies for d in s["deposits"] if condition(d)]

    calcium = [
        ("sensitivity, 3 mm and larger", lambda d: d["mm"] >= 3, 97),
        ("sensitivity, 2-3 mm", lambda d: 2 <= d["mm"] < 3, 85),
        ("sensitivity, touching bone, 2 mm and larger", lambda d: d["touchesBone"] and d["mm"] >= 2, 90),
    ]
    for name, condition, target in calcium:
        value, interval, count = share(deposits(ours, condition))
        rows.append(row(name, value, "%", interval, share(deposits(usual, condition))[0], target, count=count))

    def mean_false(studies):
        return statistics.fmean(len(s["false"]) for s in studies)

    rows.append(row("false deposits a study", mean_false(ours), "", None, mean_false(usual), 0.2, "lower", len(ours)))
    for kind, name in ((True, "of hands"), (False, "of other regions")):
        group = [[s for s in studies if (s["region"] == "hand") == kind] for studies in (ours, usual)]
        if group[0]:
            rows.append(row(f"  false deposits a study, {name}", mean_false(group[0]), "", None, mean_false(group[1]),
                            better="lower", count=len(group[0])))
    def mean_elsewhere(studies):
        return statistics.fmean(sum(f["on"] not in ("vascular", "other") for f in s["false"]) for s in studies)

    rows.append(row("  of these on neither vessels nor other calcification", mean_elsewhere(ours), "", None,
                    mean_elsewhere(usual), better="lower"))
    value, interval, count = share([not s["false"] for s in ours if s["healthy"]])
    rows.append(row("healthy hands with none", value, "%", interval,
                    share([not s["false"] for s in usual if s["healthy"]])[0], 95, count=count))

    def within(studies):
        return [s["boneCalledMm3"] <= max(0.02 * s["trueMm3"], 5) for s in studies]

    def sums(studies, part, whole):
        total = sum(s[whole] for s in studies)
        return 100 * sum(s[part] for s in studies) / total if total else float("nan")

    value, interval, count = share(within(ours))
    rows.append(row("studies with bone called deposit within 2 % or 5 mm3", value, "%", interval,
                    share(within(usual))[0], None, count=count))
    allowed = sum(max(0.02 * s["trueMm3"], 5) for s in ours)
    called = [sum(s["boneCalledMm3"] for s in studies) / allowed for studies in (ours, usual)]
    rows.append(row("bone called deposit over what is allowed", called[0], "x", None, called[1], 1, "lower"))
    rows.append(row("deposit lost to bone", sums(ours, "lostToBoneMm3", "trueMm3"), "%", None,
                    sums(usual, "lostToBoneMm3", "trueMm3"), 3, "lower"))

    def dice(studies):
        values = [d.get("dice", 0) for s in studies for d in s["deposits"] if d["mm"] >= 5]
        return statistics.fmean(values) if values else float("nan")

    rows.append(row("Dice, 5 mm and larger", dice(ours), "", None, dice(usual), 0.85))
    for kind, name, target in (("tophus", "MSU a study, sensitivity for tophi of 3 mm", 95),
                               ("none", "MSU a study, specificity", 98)):
        def right(studies):
            return [(s["urate"] == "positive") == (kind == "tophus") for s in studies if s["urateTruth"] == kind]
        value, interval, count = share(right(ours))
        rows.append(row(name, value, "%", interval, share(right(usual))[0], target, count=count))
    for kind in ("vascular", "other"):
        if sum(s[kind + "Mm3"] for s in ours) > 0:
            rows.append(row(f"{kind} calcification called deposit", sums(ours, kind + "CalledMm3", kind + "Mm3"), "%",
                            None, sums(usual, kind + "CalledMm3", kind + "Mm3"), 5, "lower"))
    for key in ("digit", "segment", "side", "compartment"):
        value, interval, count = share([d.get(key + "Right") for s in ours for d in s["deposits"] if d["found"]])
        if count:
            rows.append(row(f"{key} right", value, "%", interval, None, 95, count=count))
    value, interval, count = share([d["calledAs"] == ("urate" if d["material"] == "monosodiumUrate" else d["material"])
                                    for s in ours for d in s["deposits"] if d["found"] and d["mm"] >= 3])
    rows.append(row("class right, 3 mm and larger", value, "%", interval, None, None, count=count))
    value, interval, count = share([s["analysable"] for s in ours])
    rows.append(row("studies analysable", value, "%", interval, None, None, count=count))
    # What none of the studies can show is not in the table.
    return [r for r in rows if not math.isnan(r["value"])]


def change_rows(pairs):
    """pairs: (visit, found first, scored first, found then, scored then)."""
    logs, matched, calls, errors = [], [], [], []
    for visit, first, scored_first, then, scored_then in pairs:
        if visit == "repeat" and first.get("massMg") and then.get("massMg"):
            logs.append(math.log(then["massMg"] / first["massMg"]))
        before = {d["number"]: d for d in scored_first["deposits"] if d["found"]}
        by_label = {d["label"]: d for d in then["deposits"]}
        numbers = {d["label"]: d["number"] for d in first["deposits"]}
        for now in scored_then["deposits"]:
            old = before.get(now["number"])
            change = by_label.get(now.get("label"), {}).get("change")
            if not now["found"] or old is None or change is None or now["material"] != "hydroxyapatite":
                continue
            is_match = numbers.get(old["label"]) in change["priorNumbers"]
            if visit == "repeat":
                matched.append(is_match)
            elif is_match and change.get("massPercent") is not None:
                expected = 100 * (now["massMg"] / old["massMg"] - 1)
                outcome = "stable" if abs(expected) < 10 else "increased" if expected > 0 else "decreased"
                calls.append(change["outcome"] == outcome)
                errors.append(abs(change["massPercent"] - expected))
    rows = []
    if logs:
        rows.append(row("repeat scan: CV of total mass", 100 * math.sqrt(statistics.fmean(x * x / 2 for x in logs)),
                        "%", None, None, 4, "lower", len(logs)))
    for name, values, target in (("repeat scan: deposits matched", matched, 95), ("change: calls right", calls, 90)):
        value, interval, count = share(values)
        if count:
            rows.append(row(name, value, "%", interval, None, target, count=count))
    if errors:
        rows.append(row("change: median error, percent points", statistics.median(errors), "%", None, None, 8, "lower",
                        len(errors)))
    return rows


def document(rows, seeds, name):
    """Writes Detection.md into the core's DocC catalogue."""
    lines = [
        "# Detection", "",
        "What is found, and what is not, in randomised studies made by projection and reconstruction, beside the usual "
        "method: a threshold of 150 HU, the largest components taken for bone, a three-material ratio for each voxel. "
        "This page is written by `scripts/benchmark detection --docs`; simulated truth is not a patient.", "",
        f"{len(seeds)} studies of the list `{name}`, " + FITTED[name] + " Intervals are Wilson's, 95 %.", "",
        "| quantity | measured | interval | usual method | target |", "|---|---|---|---|---|"]
    for r in rows:
        interval = "{:.1f}-{:.1f}".format(*r["interval"]) if r["interval"] else ""
        peer = "" if r["peer"] is None or math.isnan(r["peer"]) else f"{r['peer']:.3g}"
        target = "" if r["target"] is None else ("at most " if r["better"] == "lower" else "at least ") + (
            f"{r['target']:g}" + ("" if r["met"] else ", **not met**"))
        lines.append(f"| {r['name'].strip()} | {r['value']:.3g} {r['unit']} | {interval} | {peer} | {target} |")
    lines += [
        "", "The studies differ in pair, dose, voxels, pose and degree of disease; what of them is drawn from where is in "
        "`scripts/benchmarks/detection-studies.json`. Calcium in the rotator cuff is calcific tendinitis in them, and "
        "loose bodies and spurs of the wrist, which no form tells from calcinosis there, count as false deposits.", ""]
    (ROOT / "Sources/DualEnergyCT/DualEnergyCT.docc/Detection.md").write_text("\n".join(lines), encoding="utf-8")


def describe(scored, seconds):
    missed = [f"{d['mm']:.1f} mm {d['mgPerCm3']:.0f} mg/cm3 {d['compartment']}" for d in scored["deposits"]
              if not d["found"] and d["mm"] >= 2]
    false = [f"{f['mm3']:.0f} mm3 on {f['on']}" for f in scored["false"]]
    found = sum(d["found"] for d in scored["deposits"])
    return (f"{scored['region']} {scored['seed']}: {found} of {len(scored['deposits'])}, {seconds:.0f} s, bone "
            f"{scored['boneCalledMm3']:.1f} mm3, lost {scored['lostToBoneMm3']:.1f} of {scored['trueMm3']:.0f} mm3"
            + (f"; missed {', '.join(missed)}" if missed else "") + (f"; false {', '.join(false)}" if false else ""))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--json")
    arguments.add_argument("--seeds", choices=["fit", "report"], default="report")
    arguments.add_argument("--studies", type=int, default=0, help="number of studies; 0: the whole list")
    arguments.add_argument("--only", type=int, nargs="*", help="these seeds of the list")
    arguments.add_argument("--no-change", action="store_true", help="no second examinations")
    arguments.add_argument("--docs", action="store_true", help="write the table of the documentation")
    arguments.add_argument("--jobs", type=int, default=2, help="studies at a time")
    arguments.add_argument("--cache", type=pathlib.Path,
                           default=pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
                           / "apatite-detection")
    options = arguments.parse_args()
    lists = json.loads(STUDIES.read_text())[options.seeds]
    seeds = options.only or chosen(lists, options.studies)
    options.cache.mkdir(parents=True, exist_ok=True)
    studies = Studies(options.seeds, options.cache.resolve())
    start = time.monotonic()

    def measured(seed):
        hands = lists["hands"]
        again = not options.no_change and seed in hands and hands.index(seed) % AGAIN_EVERY == 0
        result = studies.measured(seed, again)
        print(describe(result["ours"], result["seconds"]), file=sys.stderr, flush=True)
        return result

    # The comparison runs on one core: another study is analysed meanwhile.
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as jobs:
        results = list(jobs.map(measured, seeds))
    ours, usual = [r["ours"] for r in results], [r["usual"] for r in results]
    # What is kept may hold second examinations that this run was not asked for.
    pairs = [] if options.no_change else [pair for r in results for pair in r["pairs"]]
    rows = table(ours, usual) + change_rows(pairs)
    made = [json.loads((options.cache / f"{options.seeds}-{seed}/study.json").read_text())["secondsToMake"]
            for seed in seeds]
    print(f"Making these {len(seeds)} studies took {sum(made) / 60:.0f} minutes when they were made; this run "
          f"{(time.monotonic() - start) / 60:.0f} minutes.", file=sys.stderr)
    publish(f"Detection on {len(seeds)} randomised studies, list {options.seeds} (95 % Wilson intervals)", rows,
            options.json)
    if options.docs:
        document(rows, seeds, options.seeds)


if __name__ == "__main__":
    main()
