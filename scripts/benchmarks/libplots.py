"""Validation.md and its plots, drawn as SVG from the points that accuracy-tool prints."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 380, 64, 16, 34, 52


class Plot:
    """One pair of axes. Colours are readable on white and on black."""

    def __init__(self, title, x_label, y_label, x_range, y_range, logarithmic=False):
        self.logarithmic, self.x_range, self.y_range = logarithmic, x_range, y_range
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            f'<text x="{LEFT}" y="20" font-size="14">{title}</text>',
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{x_label}</text>',
            f'<text transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
            f'{y_label}</text>']

    def x(self, value):
        low, high = (math.log(v) for v in self.x_range) if self.logarithmic else self.x_range
        at = math.log(value) if self.logarithmic else value
        return LEFT + (at - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = self.y_range
        return HEIGHT - BOTTOM - (min(max(value, low), high) - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    def ticks(self, xs, ys):
        for value in xs:
            self.parts.append(f'<line x1="{self.x(value):.1f}" x2="{self.x(value):.1f}" y1="{TOP}" '
                              f'y2="{HEIGHT - BOTTOM}" stroke="#ddd"/><text x="{self.x(value):.1f}" '
                              f'y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value:g}</text>')
        for value in ys:
            self.line([(self.x_range[0], value), (self.x_range[1], value)], "#ddd")
            self.parts.append(f'<text x="{LEFT - 6}" y="{self.y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')

    def line(self, points, colour, dashed=False):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"'
                          + (' stroke-dasharray="5 4"' if dashed else "") + "/>")

    def dots(self, points, colour):
        self.parts += [f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="2" fill="{colour}" fill-opacity="0.5"/>'
                       for x, y in points]

    def note(self, text, line):
        self.parts.append(f'<text x="{WIDTH - RIGHT - 4}" y="{TOP + 14 + 16 * line}" text-anchor="end">{text}</text>')

    def write(self, path):
        path.write_text("\n".join(self.parts + ["</svg>"]) + "\n", encoding="utf-8")


def median(values):
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def bias_plot(points, path):
    """Relative error of density by density, each region a dot, with mean and deviation of each density."""
    plot = Plot("Density of regions of 5 mm in fat, half fat, muscle, tendon and skin", "true density, mg/cm3",
                "error, %", (40, 1000), (-40, 40), logarithmic=True)
    plot.ticks([50, 100, 200, 400, 800], range(-40, 41, 10))
    plot.line([(40, 0), (1000, 0)], "#444")
    plot.dots([(t, 100 * (m / t - 1)) for t, m, _ in points], "#0072b2")
    for truth in sorted({t for t, _, _ in points}):
        errors = [100 * (m / t - 1) for t, m, _ in points if t == truth]
        mean = sum(errors) / len(errors)
        plot.line([(truth * 0.93, mean), (truth * 1.07, mean)], "#d55e00")
    plot.note("orange: mean of each density", 0)
    plot.write(path)


def bland_altman(points, path):
    """Difference against mean of measured and true mass (Bland and Altman, Lancet 1986), relative."""
    pairs = [((t + m) / 2, 200 * (m - t) / (m + t)) for t, m, _ in points if m > 0]
    differences = [d for _, d in pairs]
    mean = sum(differences) / len(differences)
    deviation = (sum((d - mean) ** 2 for d in differences) / (len(differences) - 1)) ** 0.5
    xs = [x for x, _ in pairs]
    plot = Plot("Mass of deposits of 3 to 8 mm, calibration error included", "mean of measured and true mass, mg",
                "difference, %", (min(xs) * 0.9, max(xs) * 1.1), (-60, 60), logarithmic=True)
    plot.ticks([v for v in (0.5, 1, 2, 5, 10, 20, 50, 100, 200) if min(xs) * 0.9 <= v <= max(xs) * 1.1],
               range(-60, 61, 20))
    plot.dots(pairs, "#0072b2")
    for value, dashed in ((mean, False), (mean - 1.96 * deviation, True), (mean + 1.96 * deviation, True)):
        plot.line([(min(xs) * 0.9, value), (max(xs) * 1.1, value)], "#d55e00", dashed)
    plot.note(f"mean {mean:.1f} %, limits of agreement {mean - 1.96 * deviation:.0f} to "
              f"{mean + 1.96 * deviation:.0f} %", 0)
    plot.write(path)


def coverage_plot(points, path):
    """How often an interval of each nominal level holds the truth."""
    scores = sorted(abs(m - t) / d for t, m, d in points if d > 0)
    levels = [n / 100 for n in range(2, 100)]

    def quantile(level):
        low, high = 0.0, 8.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if math.erf(middle / 2 ** 0.5) < level else (low, middle)
        return low

    covered = [(100 * v, 100 * sum(s <= quantile(v) for s in scores) / len(scores)) for v in levels]
    plot = Plot("Intervals of mass: nominal and actual coverage", "nominal, %", "holds the truth, %", (0, 100), (0, 100))
    plot.ticks(range(0, 101, 20), range(0, 101, 20))
    plot.line([(0, 0), (100, 100)], "#444", dashed=True)
    plot.line(covered, "#d55e00")
    plot.note(f"{len(scores)} deposits, each with a calibration error of its own", 14)
    plot.write(path)


def document(rows, seed, catalogue):
    """Writes Validation.md and its pictures into a DocC catalogue."""
    resources = catalogue / "Resources"
    resources.mkdir(exist_ok=True)
    points = {row["key"]: row["points"] for row in rows}
    drawn = []
    for key, draw, name, caption in (
            ("region-rmse", bias_plot, "bias", "Error of density, region by region."),
            ("mass-3mm", bland_altman, "bland-altman", "Agreement of measured with true mass."),
            ("coverage-low", coverage_plot, "coverage", "How often intervals hold the truth.")):
        if points.get(key):
            draw(points[key], resources / f"{name}.svg")
            drawn.append(f"![{caption}]({name})")
    lines = [
        "# Validation", "",
        "What the core reaches on simulated scans whose forward model shares neither spectra nor attenuation tables with "
        "it, beside the best published figures. This page and its plots are written by",
        "`scripts/benchmark accuracy --docs`; simulated truth is not a patient.", "",
        f"Seed {seed}. Percent are percent of the truth. Scans that calibrate are not scans that are measured; positions, "
        "sizes, noise and filtration differ between them.", "",
        "| quantity | measured | target | best published |", "|---|---|---|---|"]
    for row in rows:
        target = "" if row["target"] is None else ("at most " if row["better"] == "lower" else "at least ") + (
            f"{row['target']:g}" + ("" if row["met"] else ", **not met**"))
        published = "" if row["published"] is None else f"{row['published']:g} ({row['source']})"
        name = row["name"].split(" (published")[0]
        if "regions" in row["detail"]:
            name += f" ({row['detail']['regions']:.0f} regions)"
        lines.append(f"| {name} | {row['value']:.3g} {row['unit']} | {target} | {published} |")
    lines += [
        "", "Every second region holds a tissue that is not the one around it, fat in muscle or muscle in fat, which no "
        "baseline can show: both energies have to tell it from mineral. Deposits are measured by `DepositMeter`, whose "
        "intervals allow for it."]
    (catalogue / "Validation.md").write_text("\n".join(lines + [""] + [f"{line}\n" for line in drawn]),
                                             encoding="utf-8")
