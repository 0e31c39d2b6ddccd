"""Put a student's files into submitted/STUDENT/ASSIGNMENT, whole, and nowhere else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from shoshin.classroom.collect.entries import CHUNK, Refused, in_words, stat_refused
from shoshin.classroom.collect.naming import key_of


@dataclass
class Placed:
    """What became of a student's files, by their names; `refused` says why, `told` what else changed."""

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    told: str = ""


def place(folder: Path, files: Mapping[str, Path], time: datetime | None, aside: Path, update: bool) -> Placed:
    """Move files to their places below submitted/STUDENT/ASSIGNMENT, with the time of submission where it is known.

    A new submission appears all at once, a changed one file by file; `aside` is a folder on the same disk.

    Raises:
        Refused: if the folder is not a real one below submitted/, or cannot be written.
    """
    try:
        _must_be_own(folder.parent)
        _must_be_own(folder)
        if not folder.exists():
            return _all_at_once(folder, files, time, aside)
        return _one_by_one(folder, files, time, aside, update)
    except OSError as error:
        raise Refused(f"{folder.parent.name}/{folder.name} cannot be written: {in_words(error)}") from error


def _must_be_own(folder: Path) -> None:
    """Refuse a folder that is a link, or lies behind one, or whose name some file system takes for another's."""
    _must_be_alone(folder)
    if os.path.lexists(folder):
        here = os.path.join(os.path.realpath(folder.parent), folder.name)
        if not folder.is_dir() or os.path.realpath(folder) != here:
            raise Refused(f"{folder.parent.name}/{folder.name} is there already and is no folder, or a link to one")


def _must_be_alone(path: Path) -> None:
    for other in os.listdir(path.parent) if path.parent.exists() else ():
        if key_of(other) == key_of(path.name) and other != path.name:
            raise Refused(f"{other!r} is there already, which some computers take for the same name")


def _all_at_once(folder: Path, files: Mapping[str, Path], time: datetime | None, aside: Path) -> Placed:
    with tempfile.TemporaryDirectory(dir=aside) as own:
        whole = Path(own) / folder.name
        for file, content in files.items():
            (whole / file).parent.mkdir(parents=True, exist_ok=True)
            content.rename(whole / file)
        if time:
            _write_time(whole / "timestamp.txt", time)
        folder.parent.mkdir(exist_ok=True)
        whole.rename(folder)
    return Placed(new=list(files))


def _one_by_one(folder: Path, files: Mapping[str, Path], time: datetime | None, aside: Path, update: bool) -> Placed:
    placed = Placed()
    for file, content in files.items():
        try:
            target = folder
            for part in Path(file).parts[:-1]:
                target /= part
                _must_be_own(target)
            target /= Path(file).name
            outcome = _outcome(target, content, update)
        except Refused as error:
            placed.refused[file] = str(error)
            continue
        getattr(placed, outcome).append(file)
        if outcome != "unchanged":
            target.parent.mkdir(parents=True, exist_ok=True)
            content.replace(target)
    stamp = folder / "timestamp.txt"
    if placed.updated or (placed.new and time and not os.path.lexists(stamp)):
        placed.told = _set_time(stamp, time, aside)
    return placed


def _outcome(target: Path, content: Path, update: bool) -> str:
    _must_be_alone(target)
    if not os.path.lexists(target):
        return "new"
    why = stat_refused(target.lstat())
    if not why and _same(target, content):
        return "unchanged"
    if update and not target.is_dir():
        return "updated"  # by a rename, which follows no link
    raise Refused(f"what was collected before is kept ({why or 'it differs'}); --update replaces it")


def _set_time(stamp: Path, time: datetime | None, aside: Path) -> str:
    """Write the time of what is there now; that of what was there before says nothing."""
    if time:
        _write_time(aside / "timestamp.txt", time)
        (aside / "timestamp.txt").replace(stamp)
    elif os.path.lexists(stamp):
        stamp.unlink()
        return "its time of submission is not known any more (timestamp.txt was removed)"
    return ""


def _write_time(path: Path, time: datetime) -> None:
    path.write_text(f"{time:%Y-%m-%d %H:%M:%S} UTC", "utf-8")


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(CHUNK):
            if piece != second.read(CHUNK):
                return False
    return True
