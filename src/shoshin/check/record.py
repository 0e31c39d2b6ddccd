"""Append what a check said to the learner's own record, and read the record back.

The record is a file of JSON lines on the learner's machine. It holds outcomes; of the answer it holds a short hash, and
its source only if the learner asks for that.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import os
import re
from datetime import UTC, datetime
from typing import Any

from shoshin.check.verdict import Verdict

PLACE = "SHOSHIN_PROGRESS"  # the environment variable that names the file; "off": nothing is recorded
CODE = "SHOSHIN_RECORD_CODE"  # if it is set, the source of each answer is recorded too
VERSION = 1  # of a line; a reader leaves out what a newer Shoshin wrote
FIELDS = ("exercise", "task", "outcome", "mistake", "points", "max_points")
TEXTS = ("at", "exercise", "task", "outcome")
OUTCOMES = ("passed", "mistake", "wrong", "error", "not attempted")
ADDRESS = re.compile(r" at 0x[0-9a-f]+", re.IGNORECASE)
FAILED = ("mistake", "wrong", "error")

Record = dict[str, Any]


def place() -> str:
    """Return the path of the record: the file that is named, or one in the platform's data folder; else nothing."""
    named = os.environ.get(PLACE, "")
    if named == "off" or os.environ.get("NBGRADER_EXECUTION"):
        return ""
    if named:
        return named
    try:
        from platformdirs import user_data_dir
    except ImportError:
        return ""
    return os.path.join(user_data_dir("shoshin", appauthor=False), "progress.jsonl")


def record(verdict: Verdict, answer: Any = None) -> None:
    """Append one line of JSON; nothing happens where there is no file for it, or where it cannot be written."""
    path = place()
    if not path:
        return
    seen: Record = {"v": VERSION, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    seen |= {field: getattr(verdict, field) for field in FIELDS}
    seen["answer"] = hashed(answer)
    if os.environ.get(CODE):
        seen["code"] = source_of(answer)
    with contextlib.suppress(OSError, ValueError):
        append([seen], path)


def append(records: list[Record], path: str) -> None:
    """Append records in one write, so that several notebooks do not mix their lines.

    Raises:
        OSError: if the file cannot be written.
    """
    text = "".join(json.dumps(each, ensure_ascii=True) + "\n" for each in records)
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        if size:  # a line that was cut short (a full disk, a power cut) must not swallow this one
            os.lseek(file, size - 1, os.SEEK_SET)
            text = text if os.read(file, 1) == b"\n" else "\n" + text
        os.write(file, text.encode())
    finally:
        os.close(file)


def read(path: str | None = None) -> tuple[list[Record], list[str]]:
    """Return the records of a file (by default the learner's own), in the order they were written, and notes.

    Lines that are damaged or of a newer Shoshin are left out, and a note counts them. No file: no records.

    Raises:
        OSError: if there is a file that cannot be read.
    """
    path = place() if path is None else path
    if not path or not os.path.exists(path):
        return [], []
    with open(path, "rb") as file:
        lines = file.read().splitlines()
    found, damaged, newer = [], 0, 0
    for line in lines:
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            if type(one.get("v", VERSION)) is int and one.get("v", VERSION) > VERSION:
                newer += 1
                continue
            known = all(type(one[name]) is str for name in TEXTS) and one["outcome"] in OUTCOMES
            datetime.fromisoformat(one["at"])
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
            known = False
        if known:
            found.append(one)
        else:
            damaged += 1
    notes = [f"{damaged} damaged line{'s' * (damaged > 1)} left out"] if damaged else []
    if newer:
        notes.append(f"{newer} written by a newer Shoshin left out: upgrade to see {'them' if newer > 1 else 'it'}")
    return found, [f"{path}: {note}." for note in notes]


def hashed(answer: Any) -> str:
    """Return a short hash of what an answer was written as, by which two tries are told apart."""
    return hashlib.sha256((source_of(answer) + _described(answer)).encode("utf-8", "replace")).hexdigest()[:12]


def source_of(answer: Any) -> str:
    """Return the text that an answer was written as: a function's or a class's source, or a value's description."""
    try:
        return inspect.getsource(answer)
    except Exception:  # a value, or something made to resist
        pass
    return _described(answer)


def _described(answer: Any) -> str:
    try:
        code = getattr(answer, "__code__", None)
        text = repr((code.co_code, code.co_consts, code.co_names)) if code else repr(answer)
        return ADDRESS.sub("", text)[:10_000]
    except Exception:
        return type(answer).__name__
