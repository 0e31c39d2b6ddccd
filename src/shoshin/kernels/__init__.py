"""Warm kernels: ready IPython kernels, forked from a process that has imported the usual libraries once.

    with kernels.ForkServer() as server:                        # the owner: a CI run, a `shoshin lab`
        run([..., "papermill", ...], env={**os.environ, **server.environment})

Whoever starts kernels with jupyter_client (papermill, nbclient, nbgrader, JupyterLab) in that environment gets warm
ones, for every kernelspec of this interpreter; without an owner, a process that asks for the kernelspec `shoshin`
keeps a server of its own. Where no warm kernel can be had, an ordinary one is started, and the reason is kept.

jupyter_client's own provisioner starts each kernel from nothing; multiprocessing's fork server pickles its tasks,
shares its life with one parent and cannot say how a child ended; pools of idle kernels (Voilà's, Enterprise Gateway's)
spend a start on each kernel all the same, only earlier. None of the packages that we found forks a local kernel.

    owner.py         holds the listening socket, starts the server, learns what it imported and which warnings it saw
    server.py        the fork server's process: one connection is one kernel, from its request to its end
    preload.py       what the server imports, without leaving a thread behind
    child.py         turns a fork into the process that was asked for
    provisioner.py   the client: jupyter_client starts, polls and signals a kernel through it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .owner import STACK, ForkServer, Preloaded, unavailable
    from .provisioner import Start, WarmProvisioner, starts

__all__ = ["STACK", "ForkServer", "Preloaded", "Start", "WarmProvisioner", "starts", "unavailable"]


def __getattr__(name: str) -> Any:
    # The server's process imports this package too, and must not load jupyter_client before its time.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import owner, provisioner

    return getattr(owner, name, None) or getattr(provisioner, name)
