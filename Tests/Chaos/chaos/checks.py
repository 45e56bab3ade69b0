"""What must hold when all is over, whatever has happened."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chaos.api import API, Object
from chaos.journal import Journal
from chaos.ledger import Ledger, Submission

FINAL = {"completed", "failed", "cancelled"}
TOLERANCE = 0.25
"""Seconds between the start of a process and the line by which it is seen."""
ENDS = {"task.completed", "task.failed", "task.cancelled", "task.skipped"}


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@dataclass
class Verdict:
    """What was found. Each list has a sentence for each thing that should not be."""

    submitted: int = 0
    accepted: int = 0
    resubmitted: int = 0
    """Sent again by their producer, as the broker had lost its disk."""
    completed: int = 0
    failed_as_meant: int = 0
    poisoned: int = 0
    """Failed, since three of the workers in a row that had a task were killed or cut off."""
    cancelled: int = 0
    tasks: int = 0
    attempts_lost: int = 0
    reports_discarded: int = 0
    repeated_effects: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    """Tasks that started before their dependencies had completed, or before their time."""
    cancelled_started: list[str] = field(default_factory=list)
    compensations: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    """Ends that were not meant, histories with gaps, answers out of place."""
    completions: list[float] = field(default_factory=list)
    """When tasks were completed."""
    runs: set[str] = field(default_factory=set)
    """The runs that these are about."""

    @property
    def broken(self) -> dict[str, list[str]]:
        promises = {
            "lost": self.lost, "doubled": self.doubled, "started early": self.early, "cancelled but started": self.cancelled_started,
            "compensations": self.compensations, "unexpected": self.unexpected}
        return {name: list for name, list in promises.items() if list}


def is_poisoned(task: Object) -> bool:
    return bool(task["status"] == "failed" and (task.get("error") or {}).get("type") == "poisoned")


class Examination:
    def __init__(self, api: API, ledger: Ledger, journal: Journal) -> None:
        self.api = api
        self.ledger = ledger
        self.journal = journal
        self.verdict = Verdict(repeated_effects=journal.repeated)

    def examine(self) -> Verdict:
        verdict = self.verdict
        runs: defaultdict[str, list[Object]] = defaultdict(list)
        for run in self.api.runs():
            runs[run["correlationId"]].append(run)
        if self.journal.broken:
            verdict.unexpected.append(f"{self.journal.broken} lines of the journal can't be read")
        known = set()
        for submission in self.ledger.submissions:
            known.add(submission.token)
            verdict.submitted += 1
            verdict.resubmitted += submission.sent > 1 and self.ledger.is_excused(submission)
            self.check(submission, runs.get(submission.token, []))
        for token in set(runs) - known:
            verdict.unexpected.append(f"nobody submitted {token}")
        verdict.completions.sort()
        return verdict

    def note(self, list: list[str], run: str, text: str) -> None:
        list.append(f"{run}: {text}")
        self.verdict.runs.add(run)

    def check(self, submission: Submission, runs: list[Object]) -> None:
        verdict = self.verdict
        if submission.accepted_at is not None:
            verdict.accepted += 1
        if submission.surprise:
            verdict.unexpected.append(f"{submission.token}: {submission.surprise}")
        ids = {run["id"] for run in runs} | submission.runs
        if not runs:
            if submission.accepted_at is not None:
                named = " ".join(sorted(submission.runs)) or "by the broker's confirm"
                self.note(verdict.lost, submission.token, f"accepted over {submission.way} ({named}), and unknown to the coordinator")
            return
        if len(ids) > 1:
            self.note(verdict.doubled, " ".join(sorted(ids)), f"more than one run for the key {submission.token}")
        for run in runs:
            self.check_run(submission, run)

    def check_run(self, submission: Submission, run: Object) -> None:
        verdict = self.verdict
        id, status, plan = run["id"], run["status"], submission.plan
        if status not in FINAL:
            self.note(verdict.lost, id, f"({submission.token}) is {status} and comes to no end")
            return
        events = self.api.events(id)
        tasks = {task["id"]: task for task in self.api.tasks(id)}
        verdict.tasks += len(tasks)
        if status == plan.status or (status == "cancelled" and submission.cancel_sent_at):
            verdict.completed += status == "completed"
            verdict.failed_as_meant += status == "failed"
            verdict.cancelled += status == "cancelled"
        elif status == "failed" and any(is_poisoned(task) for task in tasks.values()):
            # Three kills in a row that hit one task are what poison is told by.
            verdict.poisoned += 1
        else:
            self.note(verdict.unexpected, id, f"({submission.token}) is {status} instead of {plan.status}: {run.get('error')}")
        if submission.cancel_outcome in ("cancelled", "cancelling") and status != "cancelled":
            self.note(verdict.unexpected, id, f"is {status}, though a cancel was answered with {submission.cancel_outcome}")
        self.check_history(id, events, tasks)
        self.check_order(submission, id, events, tasks)
        self.check_effects(submission, id, status, tasks)
        self.check_compensations(submission, id, status, events, tasks)

    def check_history(self, run: str, events: list[Object], tasks: dict[str, Object]) -> None:
        """Events without gaps, one end of the run, one end of each task, and no attempt with two results."""
        verdict = self.verdict
        if [event["id"] for event in events] != list(range(1, len(events) + 1)):
            self.note(verdict.unexpected, run, "its events have gaps")
        for type, times in (("run.submitted", 1), ):
            if sum(event["type"] == type for event in events) != times:
                self.note(verdict.doubled, run, f"not {times} times {type}")
        ends = [event["type"] for event in events if event["type"] in ("run.completed", "run.failed", "run.cancelled")]
        if len(ends) != 1:
            self.note(verdict.doubled, run, f"ended by {ends}")
        verdict.attempts_lost += sum(event["type"] == "attempt.lost" for event in events)
        verdict.reports_discarded += sum(event["type"] == "report.discarded" for event in events)
        verdict.completions += [instant(event["at"]) for event in events if event["type"] == "task.completed"]
        by_task = Counter(event["task"] for event in events if event["type"] in ENDS)
        for task, times in by_task.items():
            if times > 1:
                self.note(verdict.doubled, run, f"task {task} ended {times} times")
        for task in set(tasks) - set(by_task):
            self.note(verdict.lost, run, f"task {task} has no end in the history, and is {tasks[task]['status']}")
        completions = Counter((event["task"], event.get("attempt")) for event in events if event["type"] == "task.completed")
        for (task, attempt), times in completions.items():
            if times > 1:
                self.note(verdict.doubled, run, f"attempt {attempt} of {task} was applied {times} times")

    def check_order(self, submission: Submission, run: str, events: list[Object], tasks: dict[str, Object]) -> None:
        """Nothing is queued before what it depends on is completed, nor before its time."""
        completed = {event["task"]: event["id"] for event in events if event["type"] == "task.completed"}
        begun = instant(events[0]["at"]) if events else 0
        for event in events:
            if event["type"] != "task.queued":
                continue
            task = event["task"]
            for dependency in submission.plan.dependencies.get(task, []):
                if completed.get(dependency, event["id"]) >= event["id"]:
                    self.note(self.verdict.early, run, f"{task} was queued before {dependency} had completed")
            delay = submission.plan.delays.get(task, 0)
            if instant(event["at"]) < begun + delay - 0.01:
                self.note(self.verdict.early, run, f"{task} was queued before its delay of {delay} s was over")

    def check_effects(self, submission: Submission, run: str, status: str, tasks: dict[str, Object]) -> None:
        """By what was done, whatever the coordinator says of it."""
        verdict, journal, token = self.verdict, self.journal, submission.token
        for id, dependencies in submission.plan.dependencies.items():
            if tasks[id]["handler"] != "core.shell":
                continue
            starts = journal.starts.get(f"{token}/{id}", [])
            ends = journal.ends.get(f"{token}/{id}", [])
            if tasks[id]["status"] == "completed" and not ends:
                self.note(verdict.lost, run, f"{id} is completed, but was never done")
            if tasks[id]["status"] == "skipped" and starts:
                self.note(verdict.early, run, f"{id} was skipped, but has started")
            for dependency in dependencies:
                if tasks[dependency]["handler"] != "core.shell" or not starts:
                    continue
                before = journal.ends.get(f"{token}/{dependency}", [])
                if not before or before[0].place > starts[0].place:
                    self.note(verdict.early, run, f"{id} started before {dependency} was done")
            if submission.cancelled_at and submission.cancel_outcome in ("cancelled", "cancelling"):
                for start in starts:
                    late = start.at - submission.cancelled_at
                    if late > TOLERANCE:
                        self.note(
                            verdict.cancelled_started, run,
                            f"{id} ({start.attempt}) started {late:.2f} s after the cancel, which took {submission.cancel_took:.2f} s, was answered")

    def check_compensations(self, submission: Submission, run: str, status: str, events: list[Object], tasks: dict[str, Object]) -> None:
        """Of a run that did not complete: what had completed is undone, each once, last first."""
        undone = submission.plan.undone
        if not undone or status == "completed":
            return
        done = [event["task"] for event in events if event["type"] == "task.completed"]
        wanted = [f"{task}~compensate" for task in reversed(done) if task in undone]
        made = [task for task in done if task.endswith("~compensate")]
        if wanted != made:
            self.note(self.verdict.compensations, run, f"undone by {made} instead of {wanted}")
        last = max((event["id"] for event in events if event["type"] == "task.completed" and event["task"] in undone), default=0)
        first = min((event["id"] for event in events if event["type"] == "task.queued" and event["task"].endswith("~compensate")), default=last + 1)
        if first <= last:
            self.note(self.verdict.compensations, run, "something was undone before all had ended")
