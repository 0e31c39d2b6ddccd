"""Watch over the sandbox's processes: end all when the first ends, or when they take too much memory together."""

from __future__ import annotations

import os
import select

OUT_OF_MEMORY = 123  # the exit code of a sandbox whose processes took more memory than the limit
NOT_ENTERED = 125  # of one that could not be made; stderr has said why
INTERVAL = 100  # milliseconds between two looks at the memory
OWN = ("RssAnon", "RssShmem", "VmSwap")  # of a process, whoever else has it too
SHARE = ("Pss_Anon", "Pss_Shmem", "SwapPss")  # each page divided by the number of its users


def supervise(child: int, parent: int, entered: int, memory: Memory) -> int:
    """Return the exit code of the sandbox when its first process ends. Whatever is left then dies with the caller.

    `parent` is a pipe that is closed when the caller's parent dies, `entered` one into which the child writes when
    it begins to run what is not ours.
    """
    events = select.poll()
    events.register(os.pidfd_open(child), select.POLLIN)
    events.register(parent, select.POLLHUP)
    while True:
        if parent in dict(events.poll(INTERVAL)):
            return NOT_ENTERED  # to nobody
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:  # also those whose parents have died
            if ended[0] == child:
                code = code_of(ended[1])
                return code if code not in (OUT_OF_MEMORY, NOT_ENTERED) or not os.read(entered, 1) else 1
        if memory.exceeded():
            return OUT_OF_MEMORY


def code_of(status: int) -> int:
    """Return a wait status as a shell does: 128 and the signal, if it was one."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


class Memory:
    """The memory of the other processes in this process's namespace, beyond what it has itself at the beginning.

    Files in the scratch folder are not counted: they have a limit of their own.
    """

    def __init__(self, proc: int, most_mb: int, *, whole_host: bool):
        self.proc, self.whole_host = proc, whole_host
        self.own = os.readlink("self", dir_fd=proc)
        self.most = most_mb * 1024 + self.sum_of("self/status", OWN)  # kilobytes
        self.looks = 0

    def exceeded(self) -> bool:
        """Tell whether they have more than the limit, at two looks in a row.

        Processes are looked at one after another, so what is handed on by a fork meanwhile may be counted twice.
        """
        self.looks = self.looks + 1 if self.total() > self.most else 0
        return self.looks > 1

    def total(self) -> int:
        processes = self.processes()
        most = sum(self.sum_of(f"{process}/status", OWN) for process in processes)
        return most if most <= self.most else sum(map(self.share, processes))

    def share(self, process: str) -> int:
        """Return a process's share. It takes time, and a process that does not let us look counts in full."""
        return self.sum_of(f"{process}/smaps_rollup", SHARE) or self.sum_of(f"{process}/status", OWN)

    def processes(self) -> set[str]:
        """Return their ids. Where /proc is the host's, they are this process's descendants."""
        everybody = {name for name in os.listdir(self.proc) if name.isdigit()} - {self.own}
        if not self.whole_host:
            return everybody
        parents = {process: str(self.sum_of(f"{process}/status", ("PPid",))) for process in everybody}
        found, generation = set[str](), {self.own}
        while generation := {process for process in everybody if parents[process] in generation}:
            found |= generation
        return found

    def sum_of(self, file: str, fields: tuple[str, ...]) -> int:
        """Return the sum of the numbers in these lines; 0 if the file cannot be read."""
        try:
            with open(file, opener=lambda path, flags: os.open(path, flags, dir_fd=self.proc)) as lines:
                pairs = (line.partition(":") for line in lines)
                return sum(int(value.split()[0]) for name, _, value in pairs if name in fields)
        except OSError:
            return 0
