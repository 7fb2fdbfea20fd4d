"""Compares every number that highdicom reads from a report with findings.json, and looks for numbers of findings.json that
the report should have and has not. Prints a JSON list, one element a report: how many numbers it compared, and what
differs by more than the last printed digit, stands in the report alone or in findings.json alone.

usage: compare_findings.py SR.dcm,findings.json ...
"""
import json
import re
import sys
from decimal import Decimal

import highdicom as hd

# Numbers of findings.json that the report has in another form or not at all, with the reason.
ELSEWHERE = [
    r"schema$",
    r"reasons\[", r"trust\.reasons\[", r"trust\.corrected",  # sentences
    r"acquisition\.(slices|sliceSpacingMm|boneRatio|expectedBoneRatio)$",  # the images', and how they were checked
    r"acquisition\.(low|high)\.(seriesNumber|airHU|tinFilterMm)$",
    r"deposits\[\d+\]\.(centre|voxelCount)",  # the segmentation has them
    r"deposits\[\d+\]\.hydroxyapatiteMassRepeatabilityMg$",  # of this system, for its next comparison
    r"deposits\[\d+\]\.(place\.digit|change\.(priorNumbers|presentNumbers)\[)", r"(boneFlags|regions)\[\d+\]\.digit$",  # codes
    r"comparison\.(resolved|stillMeasured)\[\d+\]\.centre",
]
FLAGS = {"ACROOST": "acroOsteolysis", "EROSION": "erosion", "PENCIL": "pencilling", "DISLOC": "dislocation",
         "COLLAPSE": "collapse"}
SIDES = {"24028007": "right", "7771000": "left"}
DIGITS = {"76505004": 1, "83738005": 2, "65531009": 3, "82002001": 4, "12406000": 5}
COMPARTMENTS = {"CMPPAD": "fingertipFatPad", "CMPSUBC": "subcutaneous", "CMPTEND": "tendonSheath",
                "CMPCARP": "carpalTunnel", "CMPMUSC": "besideMuscle", "CMPPERI": "periarticular", "CMPOTHER": "other"}
CAUSES = {"EXNAIL": "nail", "EXSKIN": "skin", "EXMOT": "motion", "EXMETAL": "metal", "EXBH": "beamHardening",
          "EXNOISE": "belowMinimumVolume", "EXCONTR": "contrastMedium", "EXTENDON": "tendon",
          "EXFOREIGN": "foreignBody", "EXOUTSIDE": "outsideSkin", "EXSPECK": "speck", "EXREADER": "leftOutByReader",
          "OCPHLEB": "phlebolith", "OCGRAN": "injectionGranuloma", "OCVISC": "visceral", "OCJOINT": "looseBody",
          "OCCUFF": "calcificTendinitis",
          "OCSPUR": "enthesophyte", "OCNODE": "lymphNode", "OCCART": "costalCartilage"}
INTERVAL = ["118565006", "HAMASS", "HADENS", "DERATIO", "TOTVOL", "TOTMASS", "VOLCHG", "MASSCHG", "BONEDENS"]

DEPOSIT = {"118565006": "volumeMm3", "HAMASS": "hydroxyapatiteMassMg", "HADENS": "meanDensityMgPerCm3",
           "DERATIO": "dualEnergyRatio", "L0JK": "largestDiameterMm", "121243": "distanceToSkinMm",
           "BONEDIST": "distanceToBoneMm", "JOINTDIST": "distanceToJointMm", "VOLCHG": "change.volumePercent",
           "MASSCHG": "change.massPercent", "SDCVOL": "change.smallestDetectableVolumePercent",
           "SDCMASS": "change.smallestDetectableMassPercent"}
TOTALS = {"111038": "count", "TOTVOL": "volumeMm3", "TOTMASS": "hydroxyapatiteMassMg",
          "MINDETHA": "smallestDetectableVolumeMm3"}
WHOLE = {"MINDETMSU": "urate.smallestDetectableVolumeMm3", "MSUVOL": "urate.volumeMm3",
         "VOLCHG": "comparison.totalVolumePercent", "MASSCHG": "comparison.totalMassPercent",
         "SDCVOL": "comparison.smallestDetectableVolumePercent", "REGRES": "comparison.registrationResidualMm",
         "SDCMASS": "comparison.smallestDetectableMassPercent"}
# Between this scan and a later one like it, where no two were compared.
SMALLEST = {"SDCMASS": "smallestDetectableMassChangePercent", "SDCVOL": "smallestDetectableVolumeChangePercent"}
FORMER = {"HAMASS": "remainingMassMg", "PRIORVOL": "priorVolumeMm3", "PRIORMASS": "priorHydroxyapatiteMassMg"}
MINERAL = {"111038": "count", "118565006": "volumeMm3", "HAMASS": "hydroxyapatiteMassMg", "112197": "volumeMm3",
           "112199": "hydroxyapatiteMassMg"}
EXCLUSION = {"EXCOUNT": "count", "118565006": "volumeMm3"}
LIMIT = {"MINDETHA": "calciumMm3", "MINDETMSU": "urateMm3"}
TRUST = {"QCNOISE": "noiseLowHU", "QCNOISEH": "noiseHighHU", "QCMOTION": "misregistrationMm", "QCSLOPE": "calciumRatio",
         "QCMETAL": "metalVolumeMm3", "QCCOVER": "coveredPercent"}
LIBRARY = {"110910": "rows", "110911": "columns", "111026": "columnSpacingMm", "111066": "rowSpacingMm",
           "112225": "sliceThicknessMm", "113733": "{}.tubeVoltageKV", "MONOKEV": "{}.monoenergeticKeV"}


def number(item):
    """The number as it is printed."""
    return Decimal(item.MeasuredValueSequence[0].NumericValue.original_string)


def measurements(group):
    """What highdicom finds in a group, each with the content item that still has the number as it is printed."""
    found = group.get_measurements()
    items = [item for item in group[0].ContentSequence if item.ValueType == "NUM"]
    assert [m.value for m in found] == [float(number(item)) if item.MeasuredValueSequence else None for item in items]
    return list(zip(found, items))


def leaves(value, path=""):
    """Every number of a JSON document under its path; intervals as one."""
    if isinstance(value, dict):
        if set(value) == {"value", "low", "high"}:
            yield path
            return
        for key, child in value.items():
            yield from leaves(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from leaves(child, f"{path}[{index}]")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path


class Comparison:
    def __init__(self, report, findings):
        self.content = hd.sr.srread(report).content
        with open(findings, encoding="utf-8") as file:
            self.findings = json.load(file)
        self.count, self.differences, self.seen = 0, [], set()

    def at(self, path):
        value = self.findings
        for part in re.findall(r"[^.\[\]]+", path):
            if value is None:
                return None
            value = value[int(part)] if isinstance(value, list) else value.get(part)
        return value

    def equal(self, what, printed, value):
        """The printed number is the value rounded: half a unit of its last digit."""
        self.count += 1
        unit = Decimal(1).scaleb(printed.as_tuple().exponent)
        if value is None or abs(printed - Decimal(repr(value))) > unit * Decimal("0.5001"):
            self.differences.append(f"{what}: {printed} is not {value}")

    def interval(self, what, item, value, low, high):
        printed = number(item)
        widths = {child.ConceptNameCodeSequence[0].CodeValue: number(child)
                  for child in item.get("ContentSequence", []) if child.ValueType == "NUM"}
        self.equal(what, printed, value)
        self.equal(what + " high", printed + widths.get("371886008", 0), high)
        self.equal(what + " low", printed - widths.get("371885007", 0), low)

    def compare(self, what, item, path):
        self.seen.add(path)
        value = self.at(path)
        if isinstance(value, dict):
            self.interval(what, item, value["value"], value["low"], value["high"])
        else:
            self.equal(what, number(item), value)

    def group(self, group, table, base, special=lambda key, measurement, item: False):
        """All measurements of a group by a table; what neither it nor `special` knows has nothing to compare with."""
        for measurement, item in measurements(group):
            key = measurement.name.value
            what = f"{group.tracking_identifier} {key}"
            # What could not be measured says so, and is absent there.
            if measurement.value is None or special(key, measurement, item):
                continue
            if key not in table:
                self.differences.append(f"{what}: nothing to compare with")
                continue
            path = f"{base}.{table[key]}" if base else table[key]
            if key in INTERVAL and not isinstance(self.at(path), dict) and table is not MINERAL and table is not EXCLUSION:
                self.differences.append(f"{what}: {path} is no interval")
                continue
            self.compare(what, item, path)

    def find(self, name, **wanted):
        for index, element in enumerate(self.findings.get(name) or []):
            if all(element.get(key) == value for key, value in wanted.items()):
                return f"{name}[{index}]"
        self.differences.append(f"{name}: none with {wanted}")
        return f"{name}[-]"

    # One kind of group each.

    def deposit(self, group, uids):
        base = f"deposits[{uids.index(str(group.tracking_uid))}]"
        deposit = self.at(base)
        if group.tracking_identifier != deposit["name"]:
            self.differences.append(f"{base}: {group.tracking_identifier} is not {deposit['name']}")
        segment = getattr(group, "referenced_segment", None)
        if segment is not None:
            self.equal(f"{base} segment", Decimal(int(segment.referenced_segment_numbers[0])), deposit["number"])
            self.seen.add(f"{base}.number")

        def peak(key, measurement, item):
            if key in SMALLEST and SMALLEST[key].replace("Change", "") not in deposit.get("change", {}):
                self.compare(f"{base} {key}", item, f"{base}.{SMALLEST[key]}")
                return True
            if key != "HADENS" or measurement.derivation.value != "56851009":
                return False
            value, deviation = deposit["peakDensityMgPerCm3"], deposit.get("peakDensityDeviationMgPerCm3", 0)
            reach = 1.96 * deviation
            self.interval(f"{base} peak", item, value, max(0, value - reach), value + reach)
            self.seen.update(f"{base}.peakDensity{end}" for end in ("MgPerCm3", "DeviationMgPerCm3"))
            return True

        self.group(group, DEPOSIT, base, peak)
        if deposit["material"] == "urate":
            # It holds no hydroxyapatite: an equivalent of its mass would only mislead.
            self.seen.update(f"{base}.{key}" for key in
                             ("hydroxyapatiteMassMg", "meanDensityMgPerCm3", "peakDensityMgPerCm3"))

    def total(self, group):
        site = group.finding_sites[0]
        side = SIDES.get(site.laterality.value) if site.laterality else None
        digit = DIGITS.get(site.value.value)
        keys = {measurement.name.value for measurement in group.get_measurements()}
        is_whole = "MINDETMSU" in keys
        wanted = {"side": side} | ({} if is_whole else {"digit": digit})

        def of_bones(key, measurement, item):
            what = f"{group.tracking_identifier} {key}"
            if key in ("BONEDENS", "BONEVOL"):
                field = {"BONEDENS": "meanMgPerCm3", "BONEVOL": "volumeMm3"}[key]
                path = self.find("boneDensity", side=side)
                self.compare(what, item, f"{path}.{field}")
            elif key in SMALLEST and "comparison" not in self.findings:
                self.compare(what, item, f"totals.{SMALLEST[key]}")
            elif key == "RADSCORE":
                self.compare(what, item, self.find("radiographicScores", side=side) + ".value")
            elif key in ("FLAGMEAS", "FLAGLIM"):
                path = self.find("boneFlags", kind=FLAGS[measurement.derivation.value], side=side, digit=digit)
                self.compare(what, item, f"{path}.{'measured' if key == 'FLAGMEAS' else 'limit'}")
            else:
                return False
            return True

        if is_whole:
            self.group(group, {key: f"totals.{value}" for key, value in TOTALS.items()} | WHOLE, "", of_bones)
            # Of one side the whole examination is that side: the same numbers once more.
            for index, region in enumerate(self.findings.get("regions") or []):
                if side and region.get("side") == side and "digit" not in region:
                    self.group(group, TOTALS, f"regions[{index}].totals", lambda key, *_: key not in TOTALS)
        elif keys & set(TOTALS):
            self.group(group, TOTALS, self.find("regions", **wanted) + ".totals", of_bones)
        else:
            self.group(group, {}, "", of_bones)

    def other(self, group):
        name = group.tracking_identifier
        codes = {q.name.value: q.value.value for q in group.get_qualitative_evaluations()}
        if name.startswith("Total"):
            self.total(group)
        elif name == "Trust":
            # A study with a gap never comes so far, so that findings.json does not count them.
            self.group(group, TRUST, "trust", lambda key, _, item: key == "QCMISS" and number(item) == 0)
        elif name.startswith(("Resolved", "Still measured")):
            kind = "resolved" if name.startswith("Resolved") else "stillMeasured"
            numbers = [former["priorNumber"] for former in self.findings["comparison"][kind]]
            base = f"comparison.{kind}[{numbers.index(int(name.split()[-1]))}]"
            self.seen.add(f"{base}.priorNumber")
            self.group(group, FORMER, base, lambda key, _, item: key == "118565006" and number(item) == 0)
        elif "EXCAUSE" in codes:
            self.group(group, EXCLUSION, self.find("exclusions", cause=CAUSES[codes["EXCAUSE"]]))
        elif name.startswith("Detection limit"):
            self.group(group, LIMIT, self.find("detectionLimits", compartment=COMPARTMENTS[codes["COMPART"]]))
        elif name.startswith(("Vascular", "Other")):
            wanted = {"kind": "vascular" if name.startswith("Vascular") else "other"}
            if "OTHCAUSE" in codes:
                wanted["cause"] = CAUSES[codes["OTHCAUSE"]]
            self.group(group, MINERAL, self.find("otherMineral", **wanted))
        else:
            self.differences.append(f"{name}: a group of no known kind")

    def library(self):
        root = self.content[0] if not hasattr(self.content, "ContentSequence") else self.content
        for container in root.ContentSequence:
            if container.ConceptNameCodeSequence[0].CodeValue != "111028":
                continue
            for energy, group in zip(("low", "high"), container.ContentSequence):
                for item in group.ContentSequence:
                    if item.ValueType == "NUM":
                        key = item.ConceptNameCodeSequence[0].CodeValue
                        self.compare(f"library {energy} {key}", item, "acquisition." + LIBRARY[key].format(energy))

    def unread(self):
        """Numbers that the report should have."""
        skipped = set()
        for index, flag in enumerate(self.findings.get("boneFlags") or []):
            # Only what is flagged says why.
            if flag["state"] != "flagged":
                skipped.update(f"boneFlags[{index}].{key}" for key in ("measured", "limit"))
        if (self.findings.get("urate") or {}).get("verdict") == "negative":
            skipped.add("urate.volumeMm3")
        if "comparison" in self.findings:
            # Of the two that were compared instead.
            skipped.update(f"totals.{field}" for field in SMALLEST.values())
        for index, deposit in enumerate(self.findings.get("deposits") or []):
            skipped.update(f"deposits[{index}].{field}" for field in SMALLEST.values()
                           if field.replace("Change", "") in deposit.get("change", {}))
            # Without a segment there is no number.
            skipped.add(f"deposits[{index}].number")
        for index, mineral in enumerate(self.findings.get("otherMineral") or []):
            if mineral["count"] == 0:
                skipped.update(f"otherMineral[{index}].{key}" for key in set(MINERAL.values()))
        return [path for path in leaves(self.findings) if path not in self.seen | skipped
                and not any(re.match(pattern, path) for pattern in ELSEWHERE)]

    def run(self):
        deposits = self.findings.get("deposits") or []
        uids = [deposit["trackingUID"] for deposit in deposits]
        volumetric = self.content.get_volumetric_roi_measurement_groups()
        images = self.content.get_image_measurement_groups()
        own = [group for group in images if str(group.tracking_uid) in uids]
        if sorted(uids) != sorted(str(group.tracking_uid) for group in list(volumetric) + own):
            self.differences.append("the deposits are not the same")
        else:
            for group in list(volumetric) + own:
                self.deposit(group, uids)
        for group in images:
            if str(group.tracking_uid) not in uids:
                self.other(group)
        self.library()
        return {"count": self.count,
                "differences": self.differences + [f"{path} is not in the report" for path in self.unread()]}


print(json.dumps([Comparison(*argument.split(",")).run() for argument in sys.argv[1:]]))
