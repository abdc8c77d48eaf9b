#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Renders the pictures of README.md from a terminal session in the laboratory. Needs root.

    docs/pictures.py PROGRAM [FOLDER]

Two hosts are configured from examples/, iperf3 runs between them, and `diff`, `doctor` and `connections --watch` are
run on terminals of their own. Each picture is what one of them shows, colours included. FOLDER is docs by default.
"""

import contextlib
import html
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lab"))
from demo import CLIENT, EXAMPLES, SERVER, make_host, several_subflows  # noqa: E402
from lab import Lab  # noqa: E402
from node import wait_for  # noqa: E402

COLUMNS, TABLE_COLUMNS, TABLE_ROWS = 112, 148, 16
CHARACTER, LINE, MARGIN = 7.8, 18, 16  # pixels of the picture
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341"}
PLAIN, FAINT, BACKGROUND = "#e6edf3", "#8b949e", "#0d1117"
SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


@contextlib.contextmanager
def terminal(host, command, columns=COLUMNS, rows=40):
    """Runs a command of the host on a terminal; yields (process, a function that reads what it wrote so far)."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(host.enter(command), stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               env={**os.environ, "TERM": "xterm-256color"})
    os.close(slave)
    seen = bytearray()

    def read():
        with contextlib.suppress(OSError):  # the terminal's last user is gone
            while select.select([master], [], [], 0)[0] and (block := os.read(master, 65536)):
                seen.extend(block)
        return seen.decode(errors="replace")

    try:
        yield process, read
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(5)
        os.close(master)


def output(host, *command):
    """All that a command writes to a terminal."""
    with terminal(host, command) as (process, read):
        wait_for(lambda: read() is not None and process.poll() is not None, 60, command)
        return read()


def last_screen(text):
    """The last complete screen of a command that redraws from the top left corner."""
    return text.split("\x1b[H")[-2]


def wrapped(line, columns):
    """The line as a terminal wraps it; sequences take no column."""
    row, column = "", 0
    for piece in re.split(r"(\x1b\[[0-9;?]*[A-Za-z])", line):
        if piece.startswith("\x1b"):
            row += piece
            continue
        for character in piece:
            if column == columns:
                yield row
                row, column = "", 0
            row, column = row + character, column + 1
    yield row


def spans(line):
    """The line's pieces as (style, text)."""
    style, at = "", 0
    for found in SEQUENCE.finditer(line):
        yield style, line[at:found.start()]
        at = found.end()
        if found[2] == "m":
            codes = found[1].split(";")
            style = "" if codes in (["0"], [""]) else next(
                (f'fill="{COLOURS[code]}"' for code in codes if code in COLOURS),
                'font-weight="bold"' if "1" in codes else f'fill="{FAINT}"')
    yield style, line[at:]


def picture(title, text, columns):
    """The SVG of a terminal that shows the text."""
    lines = [row for line in re.sub(r"\r+\n", "\n", text).rstrip().split("\n") for row in wrapped(line, columns)]
    width = 2 * MARGIN + columns * CHARACTER
    height = 2 * MARGIN + LINE * (len(lines) + 1)
    rows = []
    for number, line in enumerate([f"\x1b[2m# {title}\x1b[0m", *lines]):
        column, parts = 0, []
        for style, piece in spans(line):
            if piece.strip():
                offset = len(piece) - len(piece.lstrip())
                parts.append(f'<tspan x="{MARGIN + (column + offset) * CHARACTER:.1f}" {style}>'
                             f"{html.escape(piece.strip())}</tspan>")
            column += len(piece)
        rows.append(f'<text y="{MARGIN + LINE * (number + 0.75):.0f}">{"".join(parts)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">\n'
            f"<title>{html.escape(title)}</title>\n"
            f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>\n'
            f'<g fill="{PLAIN}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" '
            f'xml:space="preserve">\n' + "\n".join(rows) + "\n</g>\n</svg>\n")


def set_up(lab, program):
    """The hosts of the demonstration with a running transfer: (server, client)."""
    segments = {"192.0.2": lab.segment("red"), "198.51.100": lab.segment("blue")}
    server = make_host(lab, "server", SERVER, segments)
    client = make_host(lab, "client", CLIENT, segments)
    for host, example in ((server, "rhel-server.yaml"), (client, "rhel-client.yaml")):
        host.configure((EXAMPLES / example).read_text())
        host.run([program, "apply"])
    server.start(["mptcpize", "run", "iperf3", "--server", "--forceflush"]).wait_for("Server listening")
    client.start(["mptcpize", "run", "iperf3", "--client", "192.0.2.1", "--bitrate", "20M", "--time", "600"])
    wait_for(lambda: several_subflows(client), 15, "a second subflow")
    return server, client


def main():
    program = str(Path(sys.argv[1]).resolve())
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs"
    with Lab() as lab:
        _, client = set_up(lab, program)
        with terminal(client, [program, "connections", "--watch"], TABLE_COLUMNS, TABLE_ROWS) as (_, read):
            # the first screens have no rates yet
            wait_for(lambda: read().count("\x1b[H") >= 5, 30, "five screens")
            watched = last_screen(read())
        # what other programs do to a configured host
        client.ip("mptcp limits set subflows 0 add_addr_accepted 0")
        client.ip("mptcp endpoint delete id " + re.search(
            r"^198\.51\.100\.2 id (\d+)", client.ip("mptcp endpoint show").stdout, re.MULTILINE)[1])
        for name, text, columns in (("connections --watch", watched, TABLE_COLUMNS),
                                    ("diff", output(client, program, "diff"), COLUMNS),
                                    ("doctor", output(client, program, "doctor"), COLUMNS)):
            (folder / f"{name.split()[0]}.svg").write_text(picture(f"mptcp-keeper {name}", text, columns))


if __name__ == "__main__":
    main()
