"""Records what the official clients send, without keys, for the replay tests of our own client.

    E2B_API_KEY=… python record.py http://127.0.0.1:3000 python > server/e2b/tests/recorded/python-2.63.0.json
    E2B_API_KEY=… python record.py http://127.0.0.1:3000 node DIR > server/e2b/tests/recorded/js-2.51.0.json

Stands between the client and a daemon. Each act of the client is a label and the requests that it sent.
"""

import base64
import http.client
import json
import os
import re
import struct
import subprocess
import sys
import threading
import urllib.parse
from importlib.metadata import version
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPSTREAM = urllib.parse.urlsplit(sys.argv[1])
SECRET = {"x-api-key", "x-access-token"}
DROPPED = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "idempotency-key", "traceparent"}
acts = []


def body_of(kind, data):
    if not data:
        return None
    if kind.startswith("application/connect+json"):
        messages = []
        while data:
            flag, length = struct.unpack(">BI", data[:5])
            messages.append({"flag": flag, "message": json.loads(data[5 : 5 + length])})
            data = data[5 + length :]
        return {"envelopes": messages}
    if kind.startswith("application/json"):
        return {"json": json.loads(data)}
    if kind.startswith("multipart/form-data"):
        boundary = re.search('boundary="?([^";]+)', kind).group(1).encode()
        parts = []
        for part in data.split(b"--" + boundary)[1:-1]:
            head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
            parts.append({"head": sorted(head.decode().split("\r\n")), "content": content.decode("latin-1")})
        return {"parts": parts}
    return {"base64": base64.b64encode(data).decode()}


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def handle_any(self):
        data = self.read_body()
        url = urllib.parse.urlsplit(self.path)
        headers = {}
        for name, value in self.headers.items():
            name = name.lower()
            if name in SECRET:
                headers[name] = "<secret>"
            elif name not in DROPPED:
                headers[name] = re.sub("boundary=.*", "boundary=<boundary>", value)
        if acts:
            acts[-1]["requests"].append({
                "method": self.command,
                "path": url.path,
                "query": dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True)),
                "headers": dict(sorted(headers.items())),
                "body": body_of(self.headers.get("Content-Type", ""), data),
            })
        upstream = http.client.HTTPConnection(UPSTREAM.hostname, UPSTREAM.port)
        sent = {name: value for name, value in self.headers.items() if name.lower() not in {"transfer-encoding", "connection"}}
        sent["Content-Length"] = str(len(data))
        upstream.request(self.command, self.path, body=data, headers=sent)
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                self.send_header(name, value)
        if answer.status in (204, 304):
            self.end_headers()
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = do_DELETE = do_PUT = handle_any


def act(name):
    acts.append({"act": name, "requests": []})


def python_acts():
    from e2b import Sandbox

    act("create")
    sandbox = Sandbox.create(timeout=300, metadata={"who": "recorder"}, envs={"OUTER": "o"})
    act("write one")
    sandbox.files.write("a b.txt", "content")
    act("write bytes packed")
    if not version("e2b").startswith("2.20."):
        sandbox.files.write("packed.bin", b"\x00\x01", gzip=True)
    act("write many")
    sandbox.files.write_files([{"path": "m/ü.txt", "data": "1"}, {"path": "m/two", "data": "2"}])
    act("read")
    sandbox.files.read("a b.txt", format="bytes")
    act("exists")
    sandbox.files.exists("a b.txt")
    act("stat")
    sandbox.files.get_info("a b.txt")
    act("list")
    sandbox.files.list("/home/user", depth=2)
    act("make dir")
    sandbox.files.make_dir("d")
    act("rename")
    sandbox.files.rename("a b.txt", "d/c")
    act("remove")
    sandbox.files.remove("d")
    act("watch")
    watch = sandbox.files.watch_dir("/home/user", recursive=True)
    watch.get_new_events()
    watch.stop()
    act("run")
    sandbox.commands.run("echo hi", envs={"A": "b"}, cwd="/tmp", timeout=30)
    act("run in the background with input")
    handle = sandbox.commands.run("cat", background=True, stdin=True)
    sandbox.commands.send_stdin(handle.pid, "in\n")
    act("list processes")
    sandbox.commands.list()
    act("connect to a process")
    other = sandbox.commands.connect(handle.pid)
    act("kill a process")
    other.kill()
    act("terminal")
    from e2b.sandbox.commands.command_handle import PtySize

    terminal = sandbox.pty.create(PtySize(rows=20, cols=100))
    sandbox.pty.resize(terminal.pid, PtySize(rows=30, cols=90))
    sandbox.pty.send_stdin(terminal.pid, b"exit\n")
    terminal.wait()
    act("is running")
    sandbox.is_running()
    act("detail")
    sandbox.get_info()
    act("list sandboxes")
    Sandbox.list().next_items()
    act("metrics")
    sandbox.get_metrics()
    act("set timeout")
    sandbox.set_timeout(60)
    act("pause")
    (sandbox.pause if hasattr(sandbox, "pause") else sandbox.beta_pause)()
    act("connect")
    Sandbox.connect(sandbox.sandbox_id, timeout=60)
    act("kill")
    sandbox.kill()


JS = """
import { Sandbox } from 'e2b'
import { createInterface } from 'node:readline'
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const act = async (name) => { console.log(name); await lines.next() }
await act('create')
const sandbox = await Sandbox.create({ timeoutMs: 300000, metadata: { who: 'recorder' }, envs: { OUTER: 'o' } })
await act('write one'); await sandbox.files.write('a b.txt', 'content')
await act('write many'); await sandbox.files.write([{ path: 'm/ü.txt', data: '1' }, { path: 'm/two', data: '2' }])
await act('read'); await sandbox.files.read('a b.txt', { format: 'bytes' })
await act('exists'); await sandbox.files.exists('a b.txt')
await act('stat'); await sandbox.files.getInfo('a b.txt')
await act('list'); await sandbox.files.list('/home/user', { depth: 2 })
await act('make dir'); await sandbox.files.makeDir('d')
await act('rename'); await sandbox.files.rename('a b.txt', 'd/c')
await act('remove'); await sandbox.files.remove('d')
await act('watch'); const watch = await sandbox.files.watchDir('/home/user', () => {}, { recursive: true }); await watch.stop()
await act('run'); await sandbox.commands.run('echo hi', { envs: { A: 'b' }, cwd: '/tmp', timeoutMs: 30000 })
await act('run in the background with input')
const handle = await sandbox.commands.run('cat', { background: true, stdin: true })
await sandbox.commands.sendStdin(handle.pid, 'in\\n')
await act('list processes'); await sandbox.commands.list()
await act('connect to a process'); const other = await sandbox.commands.connect(handle.pid)
await act('kill a process'); await other.kill()
await act('is running'); await sandbox.isRunning()
await act('detail'); await sandbox.getInfo()
await act('list sandboxes'); await Sandbox.list().nextItems()
await act('metrics'); await sandbox.getMetrics()
await act('set timeout'); await sandbox.setTimeout(60000)
await act('pause'); await sandbox.pause()
await act('connect'); await Sandbox.connect(sandbox.sandboxId, { timeoutMs: 60000 })
await act('kill'); await sandbox.kill()
process.exit(0)
"""


def node_acts(folder):
    with open(os.path.join(folder, "record.mjs"), "w") as file:
        file.write(JS)
    node = subprocess.Popen(["node", "record.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in node.stdout:
        act(line.strip())
        node.stdin.write("\n")
        node.stdin.flush()
    if node.wait():
        sys.exit("the client failed")


def masked(text):
    """Names that differ from run to run, and secrets, become words."""
    text = re.sub(r"\bi[a-z2-7]{19}\b", "<sandbox>", text)
    text = re.sub(r'"pid": \d+', '"pid": 2', text)
    return re.sub(r'"watcherId": "[a-z2-7]+"', '"watcherId": "<watcher>"', text)


server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
os.environ.update(E2B_API_URL=address, E2B_SANDBOX_URL=address)
python_acts() if sys.argv[2] == "python" else node_acts(sys.argv[3])
text = masked(json.dumps([it for it in acts if it["requests"]], indent=1, ensure_ascii=False))
print(text)
