"""What the sandbox promises: tried from inside, and looked at from outside.

A function whose first parameter is `tell` is sent, as text, into a new sandbox and called there.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import uuid
from pathlib import Path

import pytest
from sandbox_host import Host, in_new_user_namespace
from typer.testing import CliRunner

from shoshin.classroom import doctor, sandbox
from shoshin.classroom.model import Limits
from shoshin.classroom.sandbox import probe
from shoshin.cli import app

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is made of Linux namespaces")

SECRET = "the password of the gradebook"
SCRATCH = ("/dev/shm", "/sandbox", "/tmp")


NOT_ROOT = "these tests are not run by root: the sandbox that root makes is not tried"
ROOT = pytest.param("root", marks=pytest.mark.skipif(sys.platform == "linux" and os.geteuid() != 0, reason=NOT_ROOT))


@pytest.fixture(scope="module", params=[ROOT, "user", "container"])
def host(request, tmp_path_factory):
    """A process that enters sandboxes: root; an ordinary user; one in a container that forbids a new /proc."""
    assert not sandbox.missing(), "this host has no sandbox"
    course = tmp_path_factory.mktemp("course")
    course.chmod(0o755)
    packages, link = course / "site-packages", course / "linked/site-packages"
    (packages / "graders").mkdir(parents=True)
    (packages / "graders/solution.py").write_text("answer = 42")
    (packages / "package.py").write_text("loaded = 'from the disk'")
    shutil.copy(shutil.which("id"), packages / "id")
    (packages / "id").chmod(0o6755)
    link.parent.mkdir()
    link.symlink_to("../site-packages")
    (course / "gradebook.db").write_text(SECRET)
    host = Host(request.param, course, [packages, link], {"DATABASE_PASSWORD": SECRET})
    yield host
    host.close()


@pytest.fixture
def victim():
    """A process outside, which ends when it is told to, or hit."""
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    yield process
    process.stdin.close()
    process.wait()


def processes_with(marker: str) -> list[str]:
    """Return the command lines, anywhere on this machine, that hold a marker."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        found += [line] if marker in line else []
    return found


# Files.


def test_no_file_of_the_host_is_seen(host, tmp_path):
    def look(tell, planted):
        import os

        tell(
            [
                path
                for path in (*planted, "/etc/shadow", "/etc/hostname", "/var", "/sys", "/run")
                if os.path.exists(path)
            ]
        )
        tell(os.listdir("/tmp"))

    (tmp_path / "secret").write_text(SECRET)
    with tempfile.NamedTemporaryFile(dir=Path.home()) as at_home:
        planted = [str(tmp_path / "secret"), at_home.name, str(host.course / "gradebook.db")]
        assert all(map(os.path.exists, planted))
        seen, beside = host.run(look, planted)
    assert seen == []
    shown = (host.course, Path(sys.prefix), Path(__file__))  # the interpreter may lie there, and the way to it is seen
    assert [name for name in beside if not any(path.is_relative_to(f"/tmp/{name}") for path in shown)] == []


def test_nothing_but_the_scratch_folder_can_be_written(host):
    def write_everywhere(tell):
        import os
        import sys

        with open("/proc/self/mountinfo" if os.path.exists("/proc/self") else "/dev/null") as lines:
            mounts = [line.split()[4] for line in lines]
        known = ["/dev/shm", "/tmp", *(f"/sandbox/{name}" for name in ("work", "home", "tmp", "shm"))]
        ways = [
            "/".join(path.split("/")[:length]) or "/" for path in sys.path for length in range(1, path.count("/") + 2)
        ]
        written = []
        for folder in {*mounts, *known, *ways, "/etc", "/dev", "/usr/lib", os.path.dirname(os.__file__)}:
            try:
                open(f"{folder}/planted", "w").close()
                written.append(folder)
            except (OSError, NotADirectoryError):
                pass
        tell(written)
        changed = []
        for change in (os.unlink, os.utime, lambda path: os.chmod(path, 0o777), lambda path: os.rename(path, "/tmp/x")):
            try:
                change(os.__file__)
                changed.append(change)
            except OSError:
                pass
        tell(len(changed))

    written, changed = host.run(write_everywhere)
    assert str(host.packages) not in written
    assert {"/dev/shm", "/sandbox/home", "/sandbox/tmp", "/sandbox/work", "/tmp"} <= {*written}
    assert [folder for folder in written if not folder.startswith(SCRATCH)] == []
    assert changed == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount something below a folder for this test")
def test_what_is_mounted_below_a_folder_is_read_only_too(host):
    def write(tell, folder):
        import os

        tell(os.path.ismount(folder))
        try:
            os.mkdir(f"{folder}/planted")
        except OSError as error:
            tell(error.strerror)

    assert host.run(write, f"{host.packages}/mounted") == [True, "Read-only file system"]


def test_masked_folders_and_files_are_empty(host):
    def look(tell, folder):
        import os
        from pathlib import Path

        tell(os.listdir(f"{folder}/graders"))
        tell(Path(folder, "package.py").read_text())

    masked = [f"{host.packages}/graders", f"{host.packages}/package.py", "/not/there"]
    assert host.run(look, str(host.packages), masked=masked) == [[], ""]


def test_packages_are_seen_within_a_masked_course(host):
    def look(tell, course):
        import os

        tell([sorted(os.listdir(course)), os.listdir(f"{course}/site-packages/graders")])
        try:
            os.mkdir(f"{course}/site-packages/planted")
        except OSError as error:
            tell(error.strerror)

    names, error = host.run(look, str(host.course), masked=[str(host.course)])
    assert names == [["linked", "site-packages"], ["solution.py"]]
    assert error == "Read-only file system"


def test_packages_are_seen_through_the_link_that_leads_to_them(host):
    def look(tell, folder):
        import sys

        sys.path.insert(0, folder)
        import package

        tell([package.loaded, package.__file__])

    for folder in (host.packages, host.link):
        assert host.run(look, str(folder)) == ["from the disk", f"{folder}/package.py"]


def test_the_assignments_files_lie_in_the_current_folder(host):
    def look(tell):
        import os
        import tempfile
        from pathlib import Path

        tell([os.getcwd(), Path("data/train.csv").read_text(), os.path.expanduser("~"), tempfile.gettempdir()])

    files = {"data/train.csv": "1,2", "notes.txt": ""}
    assert host.run(look, files=files) == ["/sandbox/work", "1,2", "/sandbox/home", "/sandbox/tmp"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "data/../../up", "", ".", "nul\0byte"])
def test_a_file_outside_of_the_scratch_folder_is_refused(name):
    with pytest.raises(ValueError, match="not a relative path"):
        sandbox.enter([(name, b"")], Limits(), [], [])


def test_files_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="take 2 MB, and the scratch folder has 2"):
        sandbox.enter([("data.bin", bytes(2 * 2**20))], Limits(scratch_mb=2), [], [])


# Limits.


def test_a_fork_bomb_ends(host):
    def explode(tell):
        import os
        import signal

        born = 0
        try:
            while True:
                if os.fork() == 0:
                    os.setsid()
                    signal.pause()
                born += 1
        except BlockingIOError:
            tell(born)

    assert host.run(explode, limits={"processes": 20}) == 19


def test_a_process_gets_no_more_memory_than_it_may_have(host):
    def explode(tell):
        try:
            bytearray(400 * 2**20)
        except MemoryError:
            tell("MemoryError")
        tell(len(bytearray(100 * 2**20)) >> 20)

    assert host.run(explode, limits={"memory_mb": 300}) == ["MemoryError", 100]


def test_a_memory_bomb_of_many_processes_ends_and_is_told_apart(host):
    def explode(tell):
        import os
        import signal

        for _ in range(8):
            if os.fork() == 0:
                kept = b"1" * (150 * 2**20)
                tell(len(kept) >> 20)
                signal.pause()
        signal.pause()

    running = host.start(explode, limits={"memory_mb": 300})
    assert {*running} <= {150}
    assert running.code == sandbox.OUT_OF_MEMORY


def test_memory_that_processes_share_counts_once(host):
    def share(tell):
        import os

        kept = b"1" * (200 * 2**20)
        reading, writing = os.pipe()
        children = []
        for _ in range(4):
            if (child := os.fork()) == 0:
                os.close(writing)
                os.read(reading, 1)
                os._exit(len(kept) >> 24)
            children.append(child)
        import time

        until = time.monotonic() + 1  # a few looks of the supervisor's
        while time.monotonic() < until:
            pass
        os.close(writing)
        tell([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])

    assert host.run(share, limits={"memory_mb": 300}) == [12] * 4


def test_nobody_hides_memory_by_forbidding_to_look(host):
    def explode(tell):
        import ctypes
        import os
        import signal

        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
        for _ in range(8):
            if os.fork() == 0:
                kept = b"1" * (150 * 2**20)
                tell(len(kept) >> 20)
                signal.pause()
        signal.pause()

    running = host.start(explode, limits={"memory_mb": 300})
    assert {*running} <= {150}
    assert running.code == sandbox.OUT_OF_MEMORY


def test_a_disk_bomb_finds_the_disk_full(host):
    def explode(tell):
        import errno
        import os

        for folder, size, most in (("/tmp", 2**20, 1000), ("/dev/shm", 2**20, 1000), (".", 0, 10**6)):
            try:
                for number in range(most):
                    with open(f"{folder}/{number}", "wb") as file:
                        file.write(bytes(size))
            except OSError as error:
                tell([errno.errorcode[error.errno], number])
            for name in os.listdir(folder):
                os.unlink(f"{folder}/{name}") if name.isdigit() else None
        try:
            with open("large", "wb") as file:
                for _ in range(10):
                    file.write(bytes(2**20))
        except OSError as error:
            tell(errno.errorcode[error.errno])

    told = host.run(explode, limits={"scratch_mb": 8, "file_mb": 3})
    assert [told[0][0], told[1][0], told[2][0], told[3]] == ["ENOSPC", "ENOSPC", "ENOSPC", "EFBIG"]
    assert told[0][1] <= 8 and told[1][1] <= 8 and told[2][1] < 2000


def test_the_limits_are_those_that_were_asked_for(host):
    def look(tell):
        import resource

        names = ("NOFILE", "NPROC", "FSIZE", "CPU", "CORE", "NICE", "RTPRIO", "MEMLOCK")
        tell({name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names})

    limits = {"open_files": 100, "processes": 30, "file_mb": 5, "cpu_seconds": 77}
    told = host.run(look, limits=limits)
    assert told["NOFILE"] == [100, 100] and told["NPROC"] == [30, 30] and told["FSIZE"] == [5 * 2**20, 5 * 2**20]
    assert told["CPU"][0] == 77 and told["CORE"] == told["NICE"] == told["RTPRIO"] == [0, 0]
    assert told["MEMLOCK"][1] <= 2**20


def test_endless_work_is_ended_by_the_limit_on_processor_time(host):
    def work(tell):
        while True:
            pass

    running = host.start(work, limits={"cpu_seconds": 1})
    assert [*running] == []
    assert running.code == 128 + signal.SIGXCPU


# The network and other processes.


def test_there_is_no_network(host):
    def connect(tell, port, name):
        import socket

        def outcome(family, kind, address):
            try:
                with socket.socket(family, kind) as end:
                    end.settimeout(5)
                    end.connect(address)
            except OSError as error:
                return type(error).__name__ if type(error) is not OSError else error.strerror
            return "connected"

        tell(
            [
                outcome(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
                outcome(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + name),
                outcome(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
                outcome(socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
                outcome(socket.AF_VSOCK, socket.SOCK_STREAM, (2, 22)),
                outcome(socket.AF_PACKET, socket.SOCK_RAW, ("lo", 0)),
            ]
        )
        tell([name for _, name in socket.if_nameindex()])

    name = f"shoshin-{uuid.uuid4()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0" + name)
        abstract.listen()
        outcomes, interfaces = host.run(connect, server.getsockname()[1], name)
    refused = "ConnectionRefusedError"
    unreachable, unsupported = "Network is unreachable", "Address family not supported by protocol"
    assert outcomes == [refused, refused, unreachable, unreachable, unsupported, unsupported]
    assert interfaces == ["lo"]


def test_processes_inside_can_talk_to_each_other_on_their_own_loopback(host):
    def talk(tell):
        import os
        import socket

        with socket.create_server(("localhost", 0)) as server:
            if os.fork() == 0:
                socket.create_connection(("localhost", server.getsockname()[1])).sendall(b"hello")
                os._exit(0)
            tell(server.accept()[0].recv(5).decode())

    assert host.run(talk) == "hello"


def test_no_signal_reaches_a_process_outside(host, victim):
    def shoot(tell, outside):
        import contextlib
        import os
        import signal

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
            os.kill(0, number)
            for process in (-1, 1):
                with contextlib.suppress(OSError):
                    os.kill(process, number)
        missed = []
        for process in outside:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                missed.append(process)
        tell(missed)
        for process in (0, -1, 1):
            if os.fork() == 0:
                os.kill(process, signal.SIGKILL) if process != 0 else os.killpg(os.getpgrp(), signal.SIGTERM)
                os._exit(0)

    outside = [victim.pid, os.getpid(), host.process.pid]
    running = host.start(shoot, outside)
    assert next(iter(running)) == outside
    assert [*running] == []
    assert victim.poll() is None
    assert host.process.poll() is None


def test_proc_shows_only_the_sandboxs_own_processes_and_no_environment_of_others(host):
    def look(tell):
        import contextlib
        import glob
        import os
        from pathlib import Path

        tell(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
        found = []
        for path in glob.glob("/proc/*/environ"):
            with contextlib.suppress(OSError):
                found.append(Path(path).read_bytes().strip(b"\0").decode())
        tell(found)
        private = [f"/proc/1/{name}" for name in ("root/", "cwd/", "fd/", "mem", "maps", "environ")]
        opened = []
        for path in private:
            try:
                os.listdir(path) if path.endswith("/") else Path(path).read_bytes()
                opened.append(path)
            except OSError:
                pass
        tell(opened)

    if host.kind == "container":
        assert host.run(look) == [[], [], []]
    else:
        processes, environments, opened = host.run(look)
        assert processes == [1, 2]
        assert {*environments} == {""}
        assert opened == []


def test_the_environment_holds_nothing_of_the_hosts(host):
    def look(tell):
        import os
        import subprocess

        tell(dict(os.environ))
        tell(subprocess.run(["env"], capture_output=True, text=True).stdout)

    environment, printed = host.run(look)
    assert SECRET not in printed
    assert {*environment} == {
        *("PATH", "HOME", "TMPDIR", "USER", "LANG", "MPLBACKEND", "MPLCONFIGDIR"),
        *("OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"),
    }


def test_files_that_the_caller_has_open_are_closed(host):
    def look(tell):
        import os

        def is_open(number):
            try:
                return bool(os.fstat(number))
            except OSError:
                return False

        tell({number: os.fstat(number).st_rdev for number in range(256) if is_open(number)})
        tell(os.stat("/dev/null").st_rdev)
        tell(os.read(0, 1).decode())

    numbers, null, read = host.run(look)
    assert {number for number, device in numbers.items() if device == null} == {"0", "1", "2"}
    assert len(numbers) == 4  # and the one that was to be kept
    assert read == ""


# Rights.


def test_there_are_no_capabilities_and_no_groups(host):
    def look(tell):
        import ctypes
        import os

        tell([os.getuid(), os.geteuid(), os.getgid(), os.getegid()])
        tell(os.getgroups())
        libc = ctypes.CDLL(None)
        header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        libc.capget(header, data)
        tell([*data])
        tell([number for number in range(41) if libc.prctl(23, number, 0, 0, 0) != 0])  # the bounding set
        tell([number for number in range(41) if libc.prctl(47, 1, number, 0, 0) != 0])  # the ambient set
        tell(libc.prctl(39, 0, 0, 0, 0))  # no new privileges

    ids, groups, capabilities, bounding, ambient, no_new = host.run(look)
    assert ids == [1000] * 4
    assert set(groups) <= {1000, 65534}
    assert capabilities == [0] * 6
    assert bounding == ambient == []
    assert no_new == 1


def test_a_setuid_program_gains_nothing(host):
    def run(tell, program):
        import os
        import subprocess

        tell(os.stat(program).st_mode & 0o6000)
        tell(
            [
                subprocess.run([program, option], capture_output=True, text=True).stdout.strip()
                for option in ("-u", "-g")
            ]
        )

    assert host.run(run, str(host.packages / "id")) == [0o6000, ["1000", "1000"]]


@pytest.mark.parametrize("without_seccomp", [False, True])
def test_nobody_inside_makes_namespaces(host, without_seccomp):
    def make(tell):
        import ctypes
        import os

        libc, made = ctypes.CDLL(None), []
        for flag in (0x10000000, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x20000000, 0x40000000, 0x80):
            if os.fork() == 0:
                os._exit(libc.unshare(flag) == 0)
            made.append(os.waitstatus_to_exitcode(os.wait()[1]))
        tell(made)
        tell(libc.mount(b"tmpfs", b"/sandbox/work", b"tmpfs", 0, None))

    assert host.run(make, without_seccomp=without_seccomp) == [[0] * 8, -1]


@pytest.mark.parametrize("without_seccomp", [False, True])
def test_the_supervisor_cannot_be_traced_or_read(host, without_seccomp):
    def attack(tell):
        import ctypes
        import os

        libc = ctypes.CDLL(None)
        tell([libc.ptrace(request, 1, 0, 0) for request in (16, 0x4206)])
        piece = (ctypes.c_size_t * 2)(id(tell), 8)
        tell(libc.process_vm_readv(1, piece, 1, piece, 1, 0))
        tell(libc.syscall(438, os.pidfd_open(1), 0, 0))  # pidfd_getfd

    assert host.run(attack, without_seccomp=without_seccomp) == [[-1, -1], -1, -1]


def test_the_supervisor_cannot_be_slowed_down_or_starved(host):
    def attack(tell):
        import ctypes
        import os
        import resource

        attempts = {
            "open files": lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3)),
            "processors": lambda: os.sched_setaffinity(1, {0}),
            "idle": lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
            "nice": lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
            "all nice": lambda: os.setpriority(os.PRIO_USER, 0, 19),
        }
        done = []
        for name, attempt in attempts.items():
            try:
                attempt()
                done.append(name)
            except PermissionError:
                pass
        high_bits = ctypes.c_long(2**32 + 1)
        if ctypes.CDLL(None).syscall(302, high_bits, 7, (ctypes.c_ulong * 2)(3, 3), None) == 0:  # prlimit64
            done.append("high bits")
        tell(done)
        os.setpriority(os.PRIO_PROCESS, 0, 5)
        resource.prlimit(0, resource.RLIMIT_NOFILE, (50, 50))
        tell(os.getpriority(os.PRIO_PROCESS, 0))

    assert host.run(attack) == [[], 5]


def test_system_calls_that_no_exercise_needs_are_refused(host):
    def call(tell):
        import ctypes
        import errno

        libc = ctypes.CDLL(None, use_errno=True)
        for number in (425, 428, 435, 442, 447):  # io_uring_setup, open_tree, clone3, mount_setattr, memfd_secret
            libc.syscall(number, 0, 0, 0, 0, 0)
            tell(errno.errorcode[ctypes.get_errno()])
        for name in ("shmget", "msgget", "memfd_create", "personality"):
            tell([getattr(libc, name)(0, 4096, 0o1600), errno.errorcode[ctypes.get_errno()]])

    assert host.run(call) == ["EPERM", "EPERM", "ENOSYS", "EPERM", "EPERM", *[[-1, "EPERM"]] * 4]


# The end.


def test_daemons_die_with_the_sandbox(host):
    def leave_daemons(tell, marker):
        import ctypes
        import os
        import signal
        import subprocess
        import sys

        for number in {*signal.valid_signals()} - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
            signal.signal(number, signal.SIG_IGN)
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # no signal when the parent dies
        reading, writing = os.pipe()
        for _ in range(2):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    code = "import signal, sys; print('here', flush=True); signal.pause()"
                    subprocess.Popen([sys.executable, "-c", code, marker], stdout=writing)
                os._exit(0)
            os.wait()
        while len(said := os.read(reading, 100)) < 10:
            os.write(writing, said)
        tell(said.decode().split())

    marker = f"shoshin-{uuid.uuid4()}"
    assert host.run(leave_daemons, marker) == ["here", "here"]
    assert processes_with(marker) == []


def test_when_the_caller_is_killed_everything_dies(host):
    def stay(tell, marker):
        import os
        import signal
        import subprocess
        import sys

        if os.fork() == 0:
            os.setsid()
            code = "import signal, sys; print('here', flush=True); signal.pause()"
            process = subprocess.Popen([sys.executable, "-c", code, marker], stdout=subprocess.PIPE)
            tell(process.stdout.readline().decode().strip())
        signal.pause()

    marker = f"shoshin-{uuid.uuid4()}"
    running = host.start(stay, marker)
    told = iter(running)
    assert next(told) == "here"
    assert processes_with(marker)
    os.kill(running.caller, signal.SIGKILL)
    assert [*told] == []  # whoever lives holds the pipe open
    assert running.code == -signal.SIGKILL


def test_orphans_are_reaped(host):
    def make_orphans(tell):
        import os

        def fork():
            while True:
                try:
                    return os.fork()
                except BlockingIOError:  # until the supervisor has looked
                    pass

        for _ in range(20):
            if (child := fork()) == 0:
                fork()
                os._exit(0)
            os.waitpid(child, 0)
        tell("done")

    assert host.run(make_orphans, limits={"processes": 6}) == "done"


def test_exit_codes_are_passed_on(host):
    def leave(tell, how):
        import os
        import signal

        os._exit(how) if how >= 0 else signal.raise_signal(-how)

    codes = {7: 7, -signal.SIGKILL: 137, -signal.SIGSEGV: 139, sandbox.OUT_OF_MEMORY: 1, sandbox.NOT_ENTERED: 1}
    for how, code in codes.items():
        running = host.start(leave, how)
        assert [*running] == []
        assert running.code == code


def test_nothing_is_left_on_the_host(host):
    def work(tell):
        with open("note", "w") as file:
            tell(file.write("hello"))

    def look():
        mounts = [Path(f"/proc/{process}/mountinfo").read_text() for process in ("self", host.process.pid)]
        return mounts, [sorted(os.listdir(folder)) for folder in ("/", "/sys", host.course)]

    before = look()
    assert host.run(work) == 5
    assert look() == before
    children = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children")
    assert not children.exists() or children.read_text() == ""


def test_a_failure_to_enter_says_so_and_runs_nothing(host):
    def never(tell):
        tell("ran")

    running = host.start(never, files={"data": "", "data/train.csv": ""})  # a file that is to be a folder
    assert [*running] == []
    assert running.code == sandbox.NOT_ENTERED
    assert running.error.startswith("The sandbox could not be entered: ")
    assert running.error.count("\n") == 1


# What must work inside.


def test_the_scientific_libraries_work_inside(host):
    def work(tell):
        import os

        import matplotlib.pyplot as plt
        import numpy as np
        import pandas as pd
        import torch
        from sklearn.svm import SVC  # loaded inside, from the disk

        points = np.random.default_rng(0).normal(size=(100, 2))
        signs = points[:, 0] > 0
        tell(SVC().fit(points, signs).score(points, signs) > 0.9)
        table = pd.DataFrame(points, columns=["a", "b"])
        table.to_csv("points.csv")
        tell(len(pd.read_csv("points.csv")))
        layer = torch.nn.Linear(2, 1)
        layer(torch.tensor(points, dtype=torch.float32)).sum().backward()
        tell(list(layer.weight.grad.shape))
        figure, axes = plt.subplots()
        axes.plot(points[:, 0])
        figure.savefig("figure.png")
        tell(os.path.getsize("figure.png") > 1000)

    assert host.run(work) == [True, 100, [1, 2], True]


def test_threads_and_processes_work_inside(host):
    def work(tell):
        import multiprocessing
        import subprocess
        import sys
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(4) as threads:
            tell([*threads.map(abs, [-1, -2])])
        for method in ("fork", "spawn"):
            with multiprocessing.get_context(method).Pool(2) as pool:
                tell(pool.map(abs, [-1, -2]))
        command = [sys.executable, "-c", "import numpy; print(numpy.arange(3).sum())"]
        tell(subprocess.run(command, capture_output=True, text=True).stdout.strip())

    assert host.run(work) == [[1, 2], [1, 2], [1, 2], "3"]


def test_joblibs_processes_work_inside(host):
    def work(tell):
        from joblib import Parallel, delayed

        tell(Parallel(n_jobs=2)(delayed(abs)(number) for number in (-1, -2)))

    if host.kind == "container":
        pytest.skip("joblib's processes need psutil, psutil needs a /proc, and this container forbids it")
    assert host.run(work) == [1, 2]


# What a host lacks.


def test_nothing_is_missing_where_the_sandbox_can_be_entered():
    assert sandbox.missing() == []
    assert probe.probe() is probe.probe()


def test_another_system_is_told_what_it_lacks(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    (sentence,) = probe.probe.__wrapped__().missing
    assert "namespaces" in sentence and "Linux" in sentence


def test_windows_is_told_what_it_lacks():
    code = """
        import platform, signal, socket, subprocess, sys, tempfile
        sys.modules["fcntl"] = sys.modules["resource"] = None
        del signal.SIGHUP
        sys.platform = "win32"
        from shoshin.classroom import sandbox
        print(*sandbox.missing(), sep="\\n")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert "WSL 2" in done.stdout, done.stderr


def test_an_old_kernel_is_told_what_it_lacks(monkeypatch):
    monkeypatch.setattr("platform.release", lambda: "5.10.0-28-amd64")
    (sentence,) = probe.probe.__wrapped__().missing
    assert "5.14" in sentence and "5.10.0-28-amd64" in sentence


def test_namespaces_that_are_switched_off_are_named():
    code = "from shoshin.classroom import sandbox; print(*sandbox.missing(), sep='\\n')"
    done = in_new_user_namespace([sys.executable, "-c", code])
    (sentence,) = done.stdout.splitlines()
    assert sentence.startswith("User namespaces are switched off here (user.max_user_namespaces = 0).")
    assert "sysctl -w user.max_user_namespaces=" in sentence


@pytest.mark.parametrize(
    "switch, value", [("kernel/unprivileged_userns_clone", "0"), ("kernel/apparmor_restrict_unprivileged_userns", "1")]
)
def test_the_switches_of_debian_and_ubuntu_are_named_to_ordinary_users_only(monkeypatch, switch, value):
    monkeypatch.setattr(probe, "setting", {switch: value}.get)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (sentence,) = probe.obstacles("The sandbox could not be entered: new namespaces: Operation not permitted")
    assert f"{switch.replace('/', '.')} = {value}" in sentence
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert switch.replace("/", ".") not in probe.obstacles("no")[0]


def test_an_unknown_obstacle_is_told_as_the_system_says_it(monkeypatch):
    monkeypatch.setattr(probe, "setting", lambda name: "")
    monkeypatch.setattr(probe, "in_container", lambda: False)
    said = "warning\nThe sandbox could not be entered: mounting proc: Operation not permitted\n"
    assert probe.obstacles(said) == ("The sandbox could not be entered: mounting proc: Operation not permitted",)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's sandbox runs as that user, who can read it")
def test_an_interpreter_that_only_root_may_read_is_named():
    code = """
        import encodings, os, shutil, tempfile
        from shoshin.classroom import sandbox
        from shoshin.classroom.sandbox import linux
        folder, = encodings.__path__
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            linux.unshare(linux.NEW_MOUNTS)
            linux.mount("", "/", flags=linux.RECURSIVE | linux.PRIVATE)
            linux.mount("tmpfs", folder, "tmpfs")
            shutil.copytree(copy, folder, dirs_exist_ok=True)
            os.chmod(folder, 0o700)
            print(*sandbox.missing(), sep="\\n")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    (sentence,) = done.stdout.splitlines()
    assert sentence.startswith("Python does not start in the sandbox")
    assert f"Let every user of this machine read {sys.prefix} and {sys.base_prefix}." in sentence


# shoshin course doctor.


def test_the_doctor_says_what_works_and_ends_well():
    done = CliRunner().invoke(app, ["course", "doctor"])
    assert done.exit_code == 0, done.output
    names = [finding.name for finding in doctor.diagnose()]
    assert {"sandbox", "/proc", "seccomp", "memory limit", "nbgrader", "pandas", "fork server"} <= {*names}
    lines = done.output.splitlines()
    assert len(lines) == len(names)
    assert all(name in line for name, line in zip(names, lines, strict=True))


def test_the_doctor_fails_where_grading_cannot_be_done(monkeypatch):
    monkeypatch.setattr(doctor, "probe", lambda: probe.Found(("This host has no namespaces. Get some.",)))
    done = CliRunner().invoke(app, ["course", "doctor"])
    assert done.exit_code == 1
    assert "This host has no namespaces. Get some. Until then, only --trust-students grades." in done.output


def test_the_doctor_names_a_missing_package_and_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "msgpack", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = {finding.name: finding for finding in doctor.of_packages()}
    assert found["msgpack"].in_the_way and "pip install msgpack" in found["msgpack"].text
    assert not found["distributed"].works and not found["distributed"].in_the_way


def test_the_doctor_tells_what_the_sandbox_can_do_without():
    findings = [*doctor.of_sandbox(probe.Found())]
    assert [(finding.name, finding.works) for finding in findings] == [
        *(("sandbox", True), ("/proc", False), ("seccomp", False), ("memory limit", False)),
    ]
    assert not any(finding.in_the_way for finding in findings)
