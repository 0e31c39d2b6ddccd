"""Verify an exercise: the author's lint, whose messages tell how to mend what they find."""

from __future__ import annotations

import importlib
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import Any

from shoshin import library
from shoshin.build.lint import Finding, lint_needs, lint_text
from shoshin.build.rehearse import Rehearsal, rehearse
from shoshin.build.source import Exercise, read_exercise
from shoshin.check import Check, Verdict, judge
from shoshin.check.trial import stand_in
from shoshin.errors import ShoshinError

SEEDS = range(5)
LEAST_MISTAKES = 3
FORBIDDEN_PRAISE = ("incorrect", "wrong answer")


@dataclass
class Report:
    """What `verify` found in one exercise; no findings means it is sound."""

    exercise: str
    findings: list[Finding] = field(default_factory=list)
    tasks: int = 0
    mistakes: int = 0
    accepts: int = 0
    figures: int = 0
    seconds: float = 0.0

    def text(self) -> str:
        """Return the report for a terminal."""
        if self.findings:
            lines = [f"✗ {self.exercise}"] + [f"  {found.where}: {found.message}" for found in self.findings]
            return "\n".join(lines)
        return (
            f"✓ {self.exercise}: {self.tasks} tasks, {self.mistakes} mistakes named, {self.accepts} other answers "
            f"accepted, on {len(SEEDS)} seeds; {self.figures} figures; solved in {self.seconds:.1f} s"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready data."""
        return {**asdict(self), "seeds": len(SEEDS), "clean": not self.findings}


def wanted(exercises: list[str] | None) -> list[str]:
    """Return the ids to verify, all of them if none is given.

    Raises:
        ShoshinError: if one is unknown.
    """
    sources = library.ids("exercises")
    return [library.known(exercise, sources) for exercise in exercises] if exercises else sources


def verify_exercise(exercise_id: str, seconds: int = 60) -> Report:
    """Return the report on one exercise; every fault becomes a finding, none an exception.

    `seconds` is how long the solved notebook may take on this machine.
    """
    report = Report(exercise_id)
    try:
        if lacks := library.lacking(exercise_id) if exercise_id in library.ids() else "":
            raise ShoshinError(lacks)
        exercise = read_exercise(library.tree("exercises") / f"{exercise_id}.py")
        grader = _grader(exercise_id)
    except ShoshinError as error:
        report.findings.append(Finding("source", str(error)))
        return report
    checks = {name: value for name, value in vars(grader).items() if isinstance(value, Check)}
    report.tasks = len(exercise.tasks)
    report.findings += lint_text(exercise) + lint_needs(exercise) + _lint_checks(exercise, checks)
    known = {name: check for name, check in checks.items() if name in exercise.tasks}
    report.mistakes = sum(len(check.mistakes) for check in known.values())
    report.accepts = sum(len(check.accepts_) for check in known.values())
    solved = rehearse(exercise, solved=True)
    report.seconds, report.figures = solved.seconds, solved.figures
    report.findings += solved.findings + _judge_rehearsal(solved, seconds) + _untouched(exercise)
    for name, check in known.items():
        try:
            report.findings += _try_grader(check, solved.answers.get(name, ...))
        except Exception as error:
            report.findings.append(Finding(f"check {name}", f"the grader itself fails: {error!r}"))
    return report


def _grader(exercise_id: str) -> ModuleType:
    module = f"shoshin.graders.{exercise_id.replace('/', '.')}"
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise ShoshinError(f"graders/{exercise_id}.py cannot be imported: {error!r}") from error


def _lint_checks(exercise: Exercise, checks: dict[str, Check]) -> list[Finding]:
    findings = []
    if "progress" in exercise.tasks:
        findings.append(Finding("check progress", "`check.progress()` is taken; give the task another name."))
    for name in sorted(set(exercise.tasks) - set(checks)):
        findings.append(
            Finding(f"check {name}", f"the grader has no Check of this name; it has {', '.join(checks) or 'none'}.")
        )
    for name, check in checks.items():
        where = f"check {name}"
        if name not in exercise.tasks:
            findings.append(Finding(where, f'no cell uses it; write `# %% check="{name}" points=1` or remove it.'))
        if len(check.mistakes) < LEAST_MISTAKES:
            findings.append(
                Finding(
                    where,
                    f"it names {len(check.mistakes)} mistakes; give it {LEAST_MISTAKES} that learners really make.",
                )
            )
        if not check.accepts_:
            findings.append(Finding(where, "add an `accepts`: a correct answer written differently."))
        for mistake, function in check.mistakes.items():
            if (function.__doc__ or "").strip().lower().startswith(FORBIDDEN_PRAISE):
                findings.append(
                    Finding(f"{where}, mistake {mistake}", "say what the learner did, why it hurts, where to look.")
                )
    return findings


def _judge_rehearsal(solved: Rehearsal, seconds: int) -> list[Finding]:
    findings = []
    for task, verdict in solved.verdicts.items():
        if not verdict.passed:
            findings.append(Finding(f"solution of {task}", f"the check does not pass it: {_said(verdict)}"))
    if not solved.figures:
        findings.append(Finding("figures", "the solved notebook draws none; let the learner's own code draw one."))
    if solved.seconds > seconds:
        findings.append(
            Finding("run time", f"the solved notebook takes {solved.seconds:.0f} s; make it well below {seconds} s.")
        )
    return findings


def _untouched(exercise: Exercise) -> list[Finding]:
    untouched = rehearse(exercise, solved=False)
    findings = [Finding(f"untouched, {found.where}", found.message) for found in untouched.findings]
    for task, verdict in untouched.verdicts.items():
        if verdict.outcome != "not attempted":
            findings.append(Finding(f"starter of {task}", f"it should be not attempted: {_said(verdict)}"))
    return findings


def _try_grader(check: Check, solution: Any) -> list[Finding]:
    findings: dict[str, Finding] = {}  # the first seed that shows a fault is enough

    def note(where: str, message: str) -> None:
        findings.setdefault(where, Finding(f"check {check.name}, {where}", message))

    for seed in SEEDS:
        right = {"reference": stand_in(check, check.reference), "solution": solution}
        right |= {f"accepts {name}": stand_in(check, function) for name, function in check.accepts_.items()}
        for name, answer in right.items():
            verdict = judge(check, answer, seed)
            if not verdict.passed:
                note(name, f"seed {seed}: a correct answer is rejected: {_said(verdict)}")
            for warning in verdict.warnings:
                note(f"{name} warns", f"mend what raises {warning['category']}: {warning['text']}")
        for name, function in check.mistakes.items():
            verdict = judge(check, stand_in(check, function), seed)
            if verdict.passed:
                note(f"mistake {name}", f"seed {seed}: it passes; add a case on which it comes to something else.")
            elif verdict.mistake != name:
                taken = (
                    f"it is taken for {verdict.mistake}" if verdict.mistake else f"it is not named ({verdict.outcome})"
                )
                note(f"mistake {name}", f"seed {seed}: {taken}; add a case that tells them apart: {_said(verdict)}")
    return list(findings.values())


def _said(verdict: Verdict) -> str:
    detail = "; ".join(f"{label.lower()}: {text}" for label, text in verdict.details)
    return f"{verdict.outcome}: {verdict.message} {detail}".strip()
