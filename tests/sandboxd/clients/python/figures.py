"""Figures of a daemon that runs: memory of an idle sandbox, time to make and end one, delay of an event.

    E2B_API_KEY=… python3 figures.py http://127.0.0.1:3000 PID-OF-THE-DAEMON

No client takes part, so that the delay is the daemon's. Both ends read one clock.
"""

import base64
import json
import os
import socket
import statistics
import struct
import sys
import time
import urllib.parse
import urllib.request

BASE, DAEMON, KEY = sys.argv[1], int(sys.argv[2]), os.environ["E2B_API_KEY"]
SANDBOXES, EVENTS = 50, 1000


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"X-API-Key": KEY, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def family():
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(name)] = int(open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    found, new = set(), {DAEMON}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in found} - found
    return found


def memory():
    """Memory of the daemon and all that descends from it, each page counted once, KiB."""
    total = 0
    for process in family():
        try:
            for line in open(f"/proc/{process}/smaps_rollup"):
                total += int(line.split()[1]) if line.startswith("Pss:") else 0
        except OSError:
            pass
    return total


def made_and_ended():
    ids = [ask("POST", "/sandbox/create", {"timeout": 600})["id"]]
    before, began = memory(), time.monotonic()
    ids += [ask("POST", "/sandbox/create", {"timeout": 600})["id"] for _ in range(SANDBOXES)]
    made = (time.monotonic() - began) / SANDBOXES * 1000
    each = (memory() - before) / SANDBOXES / 1024
    began = time.monotonic()
    for it in ids:
        ask("DELETE", f"/sandboxes/{it}")
    ended = (time.monotonic() - began) / len(ids) * 1000
    print(f"an idle sandbox: {each:.2f} MiB; made in {made:.1f} ms, ended in {ended:.1f} ms (of {SANDBOXES})")


def delay():
    sandbox = ask("POST", "/sandbox/create", {"timeout": 600})
    line = f"import time\nfor _ in range({EVENTS}):\n print(time.time_ns(), flush=True)\n time.sleep(0.003)"
    start = json.dumps({"process": {"cmd": "python3", "args": ["-c", line]}, "stdin": False}).encode()
    body = struct.pack(">BI", 0, len(start)) + start
    url = urllib.parse.urlsplit(BASE)
    wire = socket.create_connection((url.hostname, url.port))
    wire.sendall((
        f"POST /process.Process/Start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/connect+json\r\n"
        f"E2b-Sandbox-Id: {sandbox['id']}\r\nX-Access-Token: {sandbox['token']}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body)
    delays, held = [], b""
    while b'"end"' not in held:
        piece = wire.recv(65536)
        now = time.time_ns()
        held += piece
        while (at := held.find(b'"stdout":"')) >= 0 and (to := held.find(b'"', at + 10)) >= 0:
            said = base64.b64decode(held[at + 10 : to]).split()
            delays += [(now - int(word)) / 1e6 for word in said]
            held = held[to:]
    ask("DELETE", f"/sandboxes/{sandbox['id']}")
    ranked = statistics.quantiles(delays, n=100)
    print(f"an event: median {ranked[49]:.2f} ms, p99 {ranked[98]:.2f} ms, worst {max(delays):.2f} ms (of {len(delays)})")


made_and_ended()
delay()
