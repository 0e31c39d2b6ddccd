"""The network: to the host, to the outside, by names and by abstract sockets. The test listens."""

from __future__ import annotations

from red_team.submission import Hostile, write

CONNECTS = """
import os, socket, urllib.request

def attempt(family, kind, address):
    try:
        with socket.socket(family, kind) as end:
            end.settimeout(1)
            end.connect(address)
            end.send(b"@TOKEN@ GET /solutions\\r\\n\\r\\n")
            print("reached", end.recv(100))
    except OSError as error:
        print(type(error).__name__)

for host in ("127.0.0.1", "@ADDRESS@"):
    attempt(socket.AF_INET, socket.SOCK_STREAM, (host, @PORT@))
    attempt(socket.AF_INET, socket.SOCK_DGRAM, (host, @PORT@))
attempt(socket.AF_INET6, socket.SOCK_STREAM, ("::1", @PORT@))
"""
UNIX = """
import glob, socket
for address in ["\\0@TOKEN@-SOCK_STREAM", "\\0@TOKEN@-SOCK_SEQPACKET", "\\0@TOKEN@-SOCK_DGRAM",
                "/tmp/@TOKEN@.socket", *glob.glob("/run/**/*.sock*", recursive=True)[:20],
                *glob.glob("/tmp/**/*.sock*", recursive=True)[:20]]:
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_UNIX, kind) as end:
                end.settimeout(1)
                end.connect(address)
                end.send(b"@TOKEN@")
                print("reached", address)
        except OSError as error:
            print(type(error).__name__)
"""
# The fork server's own socket: who reaches it can start a process outside of the sandbox.
FORK_SERVER = """
import json, os, socket
with_names = []
try:
    with open("/proc/net/unix") as file:
        with_names = [line.split()[-1] for line in file if "@" in line.split()[-1] or "/" in line.split()[-1]]
except OSError:
    pass
for name in {*with_names, os.environ.get("SHOSHIN_FORK_SERVER", ""), *os.environ.values()}:
    for address in (name.replace("@", "\\0", 1), name):
        try:
            end = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            end.settimeout(1)
            end.connect(address)
            code = "touch /tmp/@TOKEN@-forked"
            request = {"function": "subprocess:Popen", "arguments": {"args": ["/bin/sh", "-c", code]}}
            ours, theirs = socket.socketpair()
            socket.send_fds(end, [json.dumps(request).encode()], [theirs.fileno()])
            end.recv(100)
        except (OSError, ValueError):
            pass
"""
LISTENS = """
import os, socket, threading

def serve():
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.bind(("0.0.0.0", @FREE_PORT@))
    end.listen()
    while True:
        visitor, _ = end.accept()
        visitor.sendall(b"@TOKEN@")

if os.fork() == 0:
    os.setsid()
    try:
        serve()
    finally:
        os._exit(0)
threading.Thread(target=serve, daemon=False).start()
"""
NAMES = """
import socket
for name in ("localhost", "example.org", "@TOKEN@.example.org"):
    try:
        print("reached", socket.getaddrinfo(name, 80))
    except OSError as error:
        print(type(error).__name__)
for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (getattr(socket, "AF_NETLINK", 16), 3, 0),
                               (getattr(socket, "AF_PACKET", 17), 3, 0), (getattr(socket, "AF_VSOCK", 40), 1, 0)):
    try:
        socket.socket(family, kind, protocol).close()
        print("opened", family)
    except OSError as error:
        print(type(error).__name__)
"""

SUBMISSIONS = (
    Hostile("connects", "TCP and UDP to a server on this host", "plain", write(first=CONNECTS), stock="trace"),
    Hostile("connects-by-name", "abstract and other Unix sockets", "plain", write(first=UNIX), stock="trace"),
    Hostile("asks-the-fork-server", "the server that starts the processes is asked for one", "plain",
            write(first=FORK_SERVER), stock="held"),
    Hostile("listens", "a server that outlives the submission", "plain", write(first=LISTENS), stock="trace"),
    Hostile("looks-up-names", "DNS, raw and netlink sockets", "plain", write(first=NAMES), stock="held"),
)  # fmt: skip
