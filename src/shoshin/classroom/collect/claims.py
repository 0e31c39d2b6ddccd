"""Decide which file of a download is which student's latest, and refuse what more than one source lays claim to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from shoshin.classroom.collect.entries import Entry, Refused
from shoshin.classroom.collect.naming import MOODLE, Claim, Expected, Scheme, key_of
from shoshin.classroom.collect.roster import Roster


@dataclass
class Sifted:
    """The claims to be taken, by the number of their entry, each with its student; and, of others, why they are not.

    `told` says of a path what the teacher should know, though nothing is wrong with it.
    """

    chosen: dict[int, tuple[str, Claim]] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)


def sift(entries: Iterable[Entry], scheme: Scheme, expected: Expected, roster: Roster) -> Sifted:
    """Choose the latest attempt at every file of every student."""
    sifted = Sifted()
    found: dict[str, list[Claim]] = defaultdict(list)
    for entry in entries:
        try:
            if entry.why:
                raise Refused(entry.why)
            if claim := scheme.claim(entry, expected):
                found[roster.find(claim.student, scheme.pattern is MOODLE)].append(claim)
        except Refused as error:
            sifted.refused.append((entry.path, str(error)))
    for student, claims in _undisputed(found, sifted).items():
        _choose(student, claims, sifted)
    return sifted


def _undisputed(found: dict[str, list[Claim]], sifted: Sifted) -> dict[str, list[Claim]]:
    """Refuse what comes from two sources for one student: one of them would be another student's work."""
    sources: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for student, claims in found.items():
        sources[key_of(student)] |= {(student, claim.owner) for claim in claims}
    sound = {student: claims for student, claims in found.items() if len(sources[key_of(student)]) == 1}
    for student in found.keys() - sound.keys():
        for claim in found[student]:
            others = sorted({f"{one} ({owner})" for one, owner in sources[key_of(student)] - {(student, claim.owner)}})
            why = f"it claims to be the work of {student} ({claim.owner}), and so do files of {', '.join(others)}"
            sifted.refused.append((claim.entry.path, why))
    return sound


def _choose(student: str, claims: list[Claim], sifted: Sifted) -> None:
    files: dict[str, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: claim.attempt):
        files[key_of(claim.file)].append(claim)
    for *older, latest in files.values():
        rivals = [claim for claim in (*older, latest) if claim.attempt == latest.attempt]
        if len(rivals) > 1:
            why = f"it claims to be {student}'s {latest.file}, and so does another file of the same attempt"
            sifted.refused += [(claim.entry.path, why) for claim in rivals]
            continue
        sifted.chosen[latest.entry.number] = (student, latest)
        sifted.told += [(latest.entry.path, latest.told)] if latest.told else []
        sifted.told += [(claim.entry.path, f"left out: {latest.entry.path} is later") for claim in older]
