"""The list of all hostile and mangled submissions, family by family."""

from __future__ import annotations

from red_team import (
    cells,
    feedback,
    folders,
    forgers,
    hard_coded,
    liars,
    malformed,
    network,
    probes,
    processes,
    resources,
    shadows,
    spies,
    state,
    tools,
)
from red_team.submission import Hostile

FAMILIES = (
    cells,
    tools,
    liars,
    shadows,
    hard_coded,
    probes,
    state,
    spies,
    forgers,
    processes,
    resources,
    network,
    folders,
    malformed,
    feedback,
)
HOSTILE: tuple[Hostile, ...] = tuple(each for family in FAMILIES for each in family.SUBMISSIONS)
