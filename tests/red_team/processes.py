"""Processes and signals: daemons, threads that stay, kills, limits, and ways out of the sandbox."""

from __future__ import annotations

from red_team.cells import RIGHT
from red_team.submission import Hostile, write

# What would end other people's processes on this host happens only apart from them; otherwise it leaves a trace.
APART = """
import os

def apart():
    try:
        return os.readlink("/proc/self/ns/pid") != "@PIDS@"
    except OSError:
        return True

def trace(what):
    with open("/tmp/@TOKEN@-" + what, "w") as file:
        file.write("not apart")
"""
NAMED = """
import ctypes
def name_it():
    try:
        ctypes.CDLL(None).prctl(15, b"@NAME@", 0, 0, 0)
    except OSError:
        pass
"""
DAEMON = (
    NAMED
    + """
import os, signal, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        name_it()
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        for second in range(600):
            time.sleep(1)
            for path in ("/tmp/@TOKEN@-daemon", "@COURSE@/@TOKEN@-daemon"):
                try:
                    open(path, "a").close()
                except OSError:
                    pass
    os._exit(0)
try:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "@TOKEN@"], start_new_session=True)
    subprocess.Popen(["/bin/sh", "-c", "sleep 600 # @TOKEN@"], start_new_session=True)
except OSError as error:
    print(type(error).__name__)
"""
)
THREADS = """
import threading, time

def stay():
    while True:
        time.sleep(0.05)
        globals().update(words="thrice")
        try:
            open("/tmp/@TOKEN@-thread", "a").close()
        except OSError:
            pass

for _ in range(20):
    try:
        threading.Thread(target=stay, daemon=False).start()
    except RuntimeError:
        break
import atexit
atexit.register(stay)
"""
KILLS = (
    APART
    + """
import signal
def double(number):
    if apart():
        os.kill(-1, signal.SIGKILL)
    else:
        trace("kill")
"""
)
KILLS_PARENTS = (
    APART
    + """
import signal
def double(number):
    if not apart():
        return trace("kill-parent")
    for pid in {os.getppid(), os.getpgrp(), os.getsid(0), 1, 2, 3}:
        for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, signal.SIGHUP, signal.SIGUSR1):
            try:
                if pid not in (0, os.getpid()):
                    os.kill(pid, number)
                    os.killpg(pid, number)
            except OSError:
                pass
"""
)
FORK_BOMB = (
    APART
    + NAMED
    + """
import time
def double(number):
    if not apart():
        return trace("fork-bomb")
    name_it()
    for _ in range(400):
        try:
            if os.fork() == 0:
                os.fork()
                time.sleep(600)
        except OSError:
            break

"""
)
FORKS_ANSWER = """
import os
def double(number):
    os.fork()  # two processes go on, and both answer
    return 2 * number

def halve(number):
    pid = os.fork()
    return number / 2 if pid == 0 else 0
"""
TRACES_OTHERS = """
import ctypes, glob, os
libc = ctypes.CDLL(None, use_errno=True)
for folder in glob.glob("/proc/[0-9]*"):
    pid = int(folder.rpartition("/")[2])
    if pid == os.getpid():
        continue
    for name in ("mem", "maps", "environ", "root", "cwd", "fd"):
        try:
            if name in ("root", "cwd"):
                print("found", name, os.readlink(f"{folder}/{name}"), os.listdir(f"{folder}/{name}")[:3])
            elif name == "fd":
                for number in os.listdir(f"{folder}/fd")[:50]:
                    print("found", os.readlink(f"{folder}/fd/{number}")[:10])
            else:
                open(f"{folder}/{name}", "r+b" if name == "mem" else "rb").close()
        except OSError:
            pass
"""
# Nothing here changes the host even where it succeeds: files of the kernel are opened, not written.
ESCAPES = (
    APART
    + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
own_mounts_and_users = 0x00020000 | 0x10000000
attempts = [
    lambda: libc.unshare(own_mounts_and_users), lambda: libc.mount(b"/", b"/mnt", None, 4096, None),
    lambda: libc.umount2(b"/proc", 2), lambda: libc.umount2(b"/tmp", 2), lambda: libc.umount2(b"@COURSE@", 2),
    lambda: libc.mount(b"proc", b"/tmp", b"proc", 0, None), lambda: libc.mount(b"none", b"/", None, 32 | 4096, None),
    lambda: libc.setuid(0), lambda: libc.setgid(0), lambda: libc.setns(os.open("/proc/1/ns/mnt", 0), 0),
    lambda: libc.chroot(b"."), lambda: libc.pivot_root(b".", b"."), lambda: libc.keyctl(0, -1, 0),
]
forbidden = [
    lambda: os.mknod("disk", 0o60666, os.stat("/").st_dev) or open("disk", "rb").read(10),
    lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY), lambda: os.open("/proc/sysrq-trigger", os.O_WRONLY),
    lambda: os.open("/dev/kmsg", os.O_WRONLY), lambda: os.open("/dev/mem", os.O_RDONLY),
    lambda: os.open("/sys/fs/cgroup/cgroup.procs", os.O_WRONLY), lambda: os.chmod("/usr", os.stat("/usr").st_mode),
]
for number, attempt in enumerate(attempts + forbidden if apart() else []):
    try:
        print(number, attempt())
        if number >= len(attempts):
            print("found sesame-escape", number)
    except (OSError, AttributeError) as error:
        print(number, type(error).__name__)
for folder in ("@COURSE@", "@HOME@", "/mnt/@COURSE@", "/proc/1/root@COURSE@", "/proc/self/cwd/../../../@COURSE@"):
    try:
        with open(folder + "/@TOKEN@-escaped", "w") as file:
            file.write("here")
    except OSError:
        pass
    try:
        if any("gradebook" in name for name in os.listdir(folder)):
            print("found sesame-escape", folder)
    except OSError:
        pass
"""
)
LIMITS = """
import os, resource, signal
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        for limits in ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), (2**40, 2**40)):
            try:
                resource.setrlimit(getattr(resource, name), limits)
            except (OSError, ValueError):
                pass
try:
    os.nice(-20)
except OSError:
    pass
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))

def double(number):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""
SHARED = """
import ctypes, os
from multiprocessing import shared_memory
libc = ctypes.CDLL(None, use_errno=True)
print(libc.shmget(0x5245440, 4096, 0o1666), libc.semget(0x5245440, 1, 0o1666), libc.msgget(0x5245440, 0o1666))
try:
    shared_memory.SharedMemory("@TOKEN@", create=True, size=100)
except OSError as error:
    print(type(error).__name__)
try:
    print(ctypes.CDLL("librt.so.1").mq_open(b"/@TOKEN@", os.O_CREAT | os.O_RDWR, 0o666, None))
except (OSError, AttributeError) as error:
    print(type(error).__name__)
"""
STOPS = """
import os, signal
def double(number):
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def on_plain(name: str, tries: str, source: str, stock: str = "trace") -> Hostile:
    return Hostile(name, tries, "plain", write(first=source), stock=stock)


SUBMISSIONS = (
    on_plain("leaves-daemons", "double fork and setsid, a shell and a Python that sleep on", DAEMON),
    Hostile("leaves-threads", "threads that stay, write and set a later answer", "double",
            write(double=THREADS), stock="trace"),
    Hostile("kills-all", "kill -9 -1", "double", write(double=KILLS, words=RIGHT["words"], halve=RIGHT["halve"]),
            {"words": 1, "halve": 1.5},
            stock="stopped"),
    Hostile("kills-parents", "signals to its parent, its group and its session", "double",
            write(double=KILLS_PARENTS, words=RIGHT["words"]), {"words": 1}, stock="stopped"),
    Hostile("stops-itself", "SIGSTOP in a test", "double", write(double=STOPS, words=RIGHT["words"]), {"words": 1},
            stock="stopped"),
    Hostile("fork-bomb", "forks until no more can be had", "double", write(double=FORK_BOMB), stock="trace"),
    Hostile("forks-in-a-test", "two processes that both answer the grader", "double", write(double=FORKS_ANSWER),
            stock="unknown"),
    on_plain("looks-at-processes", "/proc of all the others: memory, maps, roots, descriptors", TRACES_OTHERS, "held"),
    on_plain("escapes", "namespaces, mounts, devices, /proc/sys, capabilities", ESCAPES),
    Hostile("ignores-limits", "limits raised, all signals ignored, an endless loop that catches everything", "double",
            write(double=LIMITS, words=RIGHT["words"]), {"words": 1}, stock="stopped"),
    on_plain("shares-memory", "SysV and POSIX shared memory, semaphores, message queues", SHARED),
)  # fmt: skip
