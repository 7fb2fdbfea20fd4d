"""The table that every benchmark prints and the JSON that it writes."""
import json


def publish(title, rows, json_path=None):
    """rows: dictionaries with name, value, unit, target (or None) and better ("lower" or "higher"); if they have them,
    interval (two numbers) and peer (the same quantity of the method it is held against)."""
    for row in rows:
        target = row.get("target")
        row["met"] = None if target is None else (
            row["value"] <= target if row["better"] == "lower" else row["value"] >= target)
    width = max(len(row["name"]) for row in rows)
    print(title)
    for row in rows:
        verdict = "" if row["met"] is None else ("   met" if row["met"] else "   NOT MET")
        target = "" if row.get("target") is None else f"   target {row['better']} than {row['target']:g}"
        low_high = "   [{:.4g}, {:.4g}]".format(*row["interval"]) if row.get("interval") else ""
        peer = "" if row.get("peer") is None else f"   usual method {row['peer']:.4g}"
        print(f"  {row['name']:<{width}}  {row['value']:>10.4g} {row['unit']}{low_high}{peer}{target}{verdict}")
    if json_path:
        with open(json_path, "w", encoding="utf-8") as file:
            json.dump({"rows": rows}, file, indent=2)
