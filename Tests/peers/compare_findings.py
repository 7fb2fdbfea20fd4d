"""Compares the numbers that highdicom reads from a report with findings.json and prints as JSON how many it compared and
which differ by more than the last printed digit.

usage: compare_findings.py SR.dcm findings.json
"""
import json
import sys
from decimal import Decimal

import highdicom as hd

count = 0
differences = []


def name(item):
    return item.name.value


def digits(value):
    """The number as printed. highdicom reads it as a float, which writes 54 as 54.0: a whole number has no decimals."""
    number = Decimal(str(value))
    return number.to_integral_value() if number == number.to_integral_value() else number


def printed(item):
    return digits(item[0].MeasuredValueSequence[0].NumericValue)


def compare(what, written, value):
    """The printed number is the value rounded: half a unit of its last digit."""
    global count
    count += 1
    if value is None or abs(written - Decimal(repr(value))) > Decimal(1).scaleb(written.as_tuple().exponent) * Decimal("0.5001"):
        differences.append(f"{what}: {written} is not {value}")


def compare_interval(what, item, interval):
    if interval is None:
        differences.append(f"{what} is not in findings.json")
        return
    value = printed(item)
    compare(what, value, interval["value"])
    widths = {
        child.ConceptNameCodeSequence[0].CodeValue: digits(child.MeasuredValueSequence[0].NumericValue)
        for child in getattr(item[0], "ContentSequence", [])
        if child.ValueType == "NUM"
    }
    compare(what + " high", value + widths["371886008"], interval["high"])
    compare(what + " low", value - widths["371885007"], interval["low"])


sr = hd.sr.srread(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    findings = json.load(file)
groups = sr.content.get_volumetric_roi_measurement_groups()
others = {group.tracking_identifier: group for group in sr.content.get_image_measurement_groups()}
deposits = {deposit["trackingUID"]: deposit for deposit in findings["deposits"]}
if sorted(deposits) != sorted(str(group.tracking_uid) for group in groups):
    differences.append("the deposits are not the same")
intervals = {"118565006": "volumeMm3", "HAMASS": "hydroxyapatiteMassMg", "DERATIO": "dualEnergyRatio"}
numbers = {"L0JK": "largestDiameterMm", "121243": "distanceToSkinMm", "BONEDIST": "distanceToBoneMm",
           "JOINTDIST": "distanceToJointMm"}
for group in groups:
    deposit = deposits[str(group.tracking_uid)]
    label = f"deposit {deposit['number']}"
    if group.tracking_identifier != deposit["name"]:
        differences.append(f"{label}: {group.tracking_identifier}")
    for item in group.get_measurements():
        key = name(item)
        if key in intervals:
            compare_interval(f"{label} {key}", item, deposit.get(intervals[key]))
        elif key in numbers:
            compare(f"{label} {key}", printed(item), deposit.get(numbers[key]))
        elif key == "HADENS" and item.method is None:
            compare_interval(f"{label} mean", item, deposit.get("meanDensityMgPerCm3"))
        elif key == "HADENS":
            compare(f"{label} peak", printed(item), deposit.get("peakDensityMgPerCm3"))
        else:
            differences.append(f"{label}: nothing to compare {key} with")
total = next(group for key, group in others.items() if key.startswith("Total"))
for item in total.get_measurements():
    key = name(item)
    if key in ("TOTVOL", "TOTMASS"):
        field = {"TOTVOL": "volumeMm3", "TOTMASS": "hydroxyapatiteMassMg"}[key]
        compare_interval(key, item, findings["totals"].get(field))
    elif key == "111038":
        compare(key, printed(item), findings["totals"]["count"])
    elif key == "MINDETHA":
        compare(key, printed(item), findings["totals"]["smallestDetectableVolumeMm3"])
    elif key == "MINDETMSU":
        compare(key, printed(item), findings["urate"]["smallestDetectableVolumeMm3"])
trust = {"QCNOISE": "noiseLowHU", "QCNOISEH": "noiseHighHU", "QCMOTION": "misregistrationMm", "QCSLOPE": "calciumRatio",
         "QCMETAL": "metalVolumeMm3"}
for item in others["Trust"].get_measurements():
    if name(item) in trust:
        compare(name(item), printed(item), findings["trust"].get(trust[name(item)]))
print(json.dumps({"count": count, "differences": differences}))
