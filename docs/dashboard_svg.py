# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws a dashboard of examples/grafana as an SVG: its panels, at their places, with the answers of a Prometheus."""

import html
import math

WIDTH, COLUMN, ROW, GAP, MARGIN = 1200, 49, 30, 8, 12
BACKGROUND, PANEL, PLAIN, FAINT, LINE = "#0d1117", "#161b22", "#e6edf3", "#8b949e", "#30363d"
COLOURS = {"green": "#3fb950", "red": "#f85149", "orange": "#d29922", "blue": "#58a6ff"}
FILLS = {"green": "#1a7f37", "red": "#b62324", "orange": "#9e6a03", "blue": "#1f6feb"}
PALETTE = ["#3fb950", "#d29922", "#58a6ff", "#f85149", "#bc8cff", "#39c5cf", "#ff9bce"]
CHARACTER = 0.58  # the width of a character, in font sizes


def number(value, decimals=None):
    """The value, rounded as Grafana does by default."""
    digits = decimals if decimals is not None else 0 if value == round(value) or abs(value) >= 100 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if decimals is None and "." in text else text


def shown(value, defaults):
    """The text for a value: its mapping, or the number with its unit."""
    for mapping in defaults.get("mappings", []):
        if (found := mapping["options"].get(number(value))) is not None:
            return found["text"]
    unit, decimals = defaults.get("unit", "short"), defaults.get("decimals")
    if unit == "percentunit":
        return number(100 * value, decimals) + "%"
    return number(value, decimals) + {"s": " s", "cps": "/s"}.get(unit, "")


def colour(value, defaults, colours):
    """The colour for a value: that of its mapping, or of the last threshold that it reaches."""
    for mapping in defaults.get("mappings", []):
        if (found := mapping["options"].get(number(value))) is not None:
            return colours[found["color"]]
    reached = [step for step in defaults["thresholds"]["steps"] if step["value"] is None or value >= step["value"]]
    return colours[reached[-1]["color"]]


def legend(target, labels):
    """The name of a series."""
    text = target["legendFormat"]
    for name, value in labels.items():
        text = text.replace("{{" + name + "}}", value)
    return text


class Picture:
    """The pieces of an SVG."""

    def __init__(self):
        self.pieces = []

    def rect(self, x, y, width, height, fill, radius=0):
        self.pieces.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"'
                           + (f' rx="{radius}"' if radius else "") + "/>")

    def text(self, x, y, text, size=12, fill=PLAIN, anchor="start", bold=False):
        self.pieces.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}"'
                           + (f' text-anchor="{anchor}"' if anchor != "start" else "")
                           + (' font-weight="600"' if bold else "") + f">{html.escape(text)}</text>")

    def path(self, points, stroke, fill="none", dashed=False):
        place = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.pieces.append(f'<path d="{place}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"'
                           + (' stroke-dasharray="5 4"' if dashed else "") + "/>")

    def svg(self, title, height):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
                f"<title>{html.escape(title)}</title>\n"
                f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>\n'
                '<g font-family="system-ui, Helvetica, Arial, sans-serif">\n' + "\n".join(self.pieces) + "\n</g>\n</svg>\n")


class Area:
    """The rectangle of a panel's graph, with the times and values that it covers."""

    def __init__(self, box, start, end, top):
        self.x, self.y, self.width, self.height = box
        self.start, self.end, self.top = start, end, top

    def at(self, time, value):
        return (self.x + self.width * (time - self.start) / (self.end - self.start),
                self.y + self.height * (1 - value / self.top))


def nice(value):
    """The next round number, for the top of an axis."""
    if value <= 1:
        return 1
    unit = 10 ** math.floor(math.log10(value))
    return next(unit * factor for factor in (1, 2, 4, 6, 8, 10) if unit * factor >= value)


def draw_axes(picture, area, defaults):
    for part in (0, 0.5, 1):
        x, y = area.at(area.start, part * area.top)
        picture.rect(x, y, area.width, 1, LINE)
        picture.text(x - 6, y + 4, shown(part * area.top, {**defaults, "mappings": [], "decimals": None}), 11, FAINT, "end")
    draw_times(picture, area)


def draw_times(picture, area):
    length = area.end - area.start
    for part, anchor in ((0, "start"), (0.5, "middle"), (1, "end")):
        x, _ = area.at(area.start + part * length, 0)
        text = "now" if part == 1 else f"{round((1 - part) * length)} s ago"
        picture.text(x, area.y + area.height + 15, text, 11, FAINT, anchor)


def legend_lines(width, names):
    """The lines of a legend: [[(name, fill, place in the line)]]."""
    lines, x = [[]], 0
    for name, fill in names:
        length = 26 + len(name) * 11 * CHARACTER
        if x + length > width and lines[-1]:
            lines.append([])
            x = 0
        lines[-1].append((name, fill, x))
        x += length
    return lines


def draw_legend(picture, x, y, lines):
    for place, line in enumerate(lines):
        for name, fill, offset in line:
            picture.rect(x + offset, y + 15 * place - 4, 10, 3, fill)
            picture.text(x + offset + 14, y + 15 * place, name, 11, FAINT)


def steps(points):
    """The corners of a line that changes at each point."""
    corners = []
    for time, value in points:
        if corners and corners[-1][1] != value:
            corners += [(time, corners[-1][1]), (time, value)]
        elif len(corners) > 1 and corners[-2][1] == value:
            corners[-1] = (time, value)  # the line continues
        else:
            corners.append((time, value))
    return corners


def draw_timeseries(picture, panel, box, series, period):
    """A panel with lines or bars; `series` is [(target, labels, points)]."""
    defaults = panel["fieldConfig"]["defaults"]
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    fixed = {override["matcher"]["options"]: COLOURS[entry["value"]["fixedColor"]]
             for override in panel["fieldConfig"]["overrides"] for entry in override["properties"] if entry["id"] == "color"}
    named = [(legend(target, labels), points) for target, labels, points in series]
    named = [(name, fixed.get(name, PALETTE[place % len(PALETTE)]), points) for place, (name, points) in enumerate(named)]
    sums = {}
    for _, _, points in named:
        for time, value in points:
            sums[time] = sums.get(time, 0) + value if stacked else max(sums.get(time, 0), value)
    x, y, width, height = box
    lines = legend_lines(width - 24, [(name, fill) for name, fill, _ in named])
    area = Area((x + 42, y + 4, width - 54, height - 39 - 15 * len(lines)), *period, nice(max([1, *sums.values()]) * 1.05))
    draw_axes(picture, area, defaults)
    base = {}
    for name, fill, points in named:
        if defaults["custom"]["drawStyle"] == "bars":
            spacing = min((later[0] - time for (time, _), later in zip(points, points[1:])), default=1)
            bar = 0.8 * area.width * spacing / (area.end - area.start)
            for time, value in points:
                if value > 0:
                    left, top = area.at(time, base.get(time, 0) + value)
                    picture.rect(min(left, area.x + area.width - bar), top, bar,
                                 area.at(time, base.get(time, 0))[1] - top, fill)
        elif points:
            corners = steps([(time, base.get(time, 0) + value) for time, value in points])
            if stacked:
                floor = steps([(time, base.get(time, 0)) for time, _ in points])
                picture.path([area.at(*corner) for corner in [*corners, *reversed(floor)]], "none", fill + "40")
            picture.path([area.at(*corner) for corner in corners], fill)
        if stacked:
            base.update({time: base.get(time, 0) + value for time, value in points})
    for step in defaults["thresholds"]["steps"] if defaults["custom"]["thresholdsStyle"]["mode"] == "line" else ():
        if step["value"] is not None and step["value"] <= area.top:
            picture.path([area.at(time, step["value"]) for time in period], COLOURS[step["color"]], dashed=True)
    draw_legend(picture, x + 12, area.y + area.height + 33, lines)


def draw_timeline(picture, panel, box, series, period):
    """A panel with one band per series, coloured by state."""
    x, y, width, height = box
    rows = [(legend(target, labels), points) for target, labels, points in series]
    label = 16 + max(len(name) for name, _ in rows) * 11 * CHARACTER
    area = Area((x + label, y + 4, width - label - 12, height - 30), *period, 1)
    size = area.height / len(rows)
    for place, (name, points) in enumerate(rows):
        top = area.y + place * size
        picture.text(x + label - 6, top + size / 2 + 4, name, 11, FAINT, "end")
        bands = []
        for time, value in points:
            if not bands or bands[-1][1] != value:
                bands.append([time, value])
        for (time, value), end in zip(bands, [*(band[0] for band in bands[1:]), points[-1][0]]):
            left, right = area.at(time, 0)[0], area.at(end, 0)[0]
            picture.rect(left, top + size * 0.08, max(right - left, 2), size * 0.84,
                         colour(value, panel["fieldConfig"]["defaults"], FILLS))
    draw_times(picture, area)


def draw_stat(picture, panel, box, answers):
    """A panel with one value. `answers` is [[(labels, value)]] by target."""
    x, y, width, height = box
    defaults = panel["fieldConfig"]["defaults"]
    labels, value = answers[0][0]
    if panel["options"]["textMode"] == "name":
        text = legend(panel["targets"][0], labels)
        text, size = (text if len(text) < 24 else text[:22] + "…"), 20
    else:
        text, size = shown(value, defaults), 30
        picture.rect(x, y - 30, width, height + 30, colour(value, defaults, FILLS), 4)
        picture.text(x + 12, y - 10, panel["title"], 13, PLAIN, bold=True)
    picture.text(x + width / 2, y + height / 2 + 4, text, size, PLAIN, "middle", bold=True)


def rows_of(panel, answers):
    """The table that the transformations of the panel make of the answers: (names of columns, rows of values)."""
    organize, sort = (next(one["options"] for one in panel["transformations"] if one["id"] == kind)
                      for kind in ("organize", "sortBy"))
    merged = {}
    for place, answer in enumerate(answers):
        column = f"Value #{chr(ord('A') + place)}" if len(answers) > 1 else "Value"
        for labels, value in answer:
            merged.setdefault(tuple(sorted(labels.items())), dict(labels))[column] = value
    order = sorted(organize["indexByName"], key=organize["indexByName"].get)
    names = [organize["renameByName"][name] for name in order]
    rows = [{organize["renameByName"][name]: row.get(name) for name in order} for row in merged.values()]
    field = sort["sort"][0]
    rows.sort(key=lambda row: (row[field["field"]], row[names[0]]), reverse=field["desc"])
    return names, rows


def draw_table(picture, panel, box, answers):
    """A panel with a table."""
    x, y, width, _ = box
    names, rows = rows_of(panel, answers)
    defaults = panel["fieldConfig"]["defaults"]
    properties = {name: {"thresholds": defaults["thresholds"]} for name in names}
    for override in panel["fieldConfig"]["overrides"]:
        properties[override["matcher"]["options"]].update({entry["id"]: entry["value"] for entry in override["properties"]})
    cells = {name: [value if isinstance(value, str) else "" if value is None else shown(value, properties[name])
                    for value in (row[name] for row in rows)] for name in names}
    lengths = {name: max(len(text) for text in [name, *cells[name]]) + 2 for name in names}
    for name in names:
        column = width * lengths[name] / sum(lengths.values())
        picture.text(x + 12, y + 12, name, 12, FAINT, bold=True)
        for place, (text, row) in enumerate(zip(cells[name], rows)):
            cell = properties[name].get("custom.cellOptions", {}).get("type")
            coloured = cell == "color-text" and row[name] is not None
            picture.text(x + 12, y + 36 + 24 * place, text, 13,
                         colour(row[name], properties[name], COLOURS) if coloured else
                         COLOURS["blue"] if "links" in properties[name] else PLAIN)
        x += column


def draw(document, title, instant, over_time, period):
    """The SVG of a dashboard. `instant` returns [(labels, value)] of an expression, `over_time` [(labels, points)];
    `period` is the first and the last time."""
    picture, bottom = Picture(), 0
    picture.text(MARGIN, 26, title, 16, PLAIN, bold=True)
    for panel in document["panels"]:
        place = panel["gridPos"]
        x, y = MARGIN + place["x"] * COLUMN, 40 + place["y"] * (ROW + GAP)
        width, height = place["w"] * COLUMN - GAP, place["h"] * (ROW + GAP) - GAP
        bottom = max(bottom, y + height)
        if panel["type"] == "row":
            picture.text(x, y + 22, panel["title"], 14, FAINT, bold=True)
            continue
        picture.rect(x, y, width, height, PANEL, 4)
        picture.text(x + 12, y + 20, panel["title"], 13, PLAIN, bold=True)
        box = (x, y + 30, width, height - 30)
        if panel["type"] in ("timeseries", "state-timeline"):
            series = [(target, labels, points) for target in panel["targets"]
                      for labels, points in over_time(target["expr"])]
            (draw_timeseries if panel["type"] == "timeseries" else draw_timeline)(picture, panel, box, series, period)
        else:
            answers = [instant(target["expr"]) for target in panel["targets"]]
            (draw_stat if panel["type"] == "stat" else draw_table)(picture, panel, box, answers)
    return picture.svg(title, bottom + MARGIN)
