"""Who goes next, where several could: the least favourable of them, so that an order nobody asked for never helps.

A process is a generator that yields what it waits for. All processes of one deployment, those of nested stacks and of
stack instances included, share a schedule. Everything is instantaneous but the operations on account assignments,
which stay in flight until nothing else can happen and then end together: one round.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any


class Failed(Exception):
    """What ends a process, the processes that wait for it, and by default the deployment."""

    def __init__(self, path: str, reason: str):
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Throttled(Exception):
    """More assignment operations in flight than the test allows: fails a deployment whoever would tolerate it."""


@dataclass(frozen=True)
class Turn:
    """Waits until nothing more harmful is ready; the lower the rank, the more harmful."""

    rank: int
    path: str


@dataclass(frozen=True)
class Flight:
    """Waits for the end of the round."""

    path: str


@dataclass(frozen=True)
class Join:
    """Waits for other processes. Where one fails, the others are cancelled and its failure is raised."""

    tasks: tuple[Task, ...]


Process = Generator[Turn | Flight | Join, None, Any]


@dataclass(eq=False)
class Task:
    process: Process
    parent: Task | None
    waits_for: Join | None = None
    pending: int = 0
    waiters: list[Task] = field(default_factory=list)
    children: list[Task] = field(default_factory=list)
    resumed: int = 0
    """How often it went on: what was queued for an earlier wait is stale."""
    done: bool = False
    failure: Failed | None = None
    result: Any = None


class Schedule:
    def __init__(self, limit: int | None = None, held_back: Iterable[str] = (), slow: Iterable[str] = ()):
        self.limit = limit
        self.slow = set(slow)
        """Paths of operations that stay in flight until nothing else does: whoever has to wait for them and does not
        is in flight beside them."""
        self.held_back = set(held_back)
        """Paths whose turn comes when nothing else can happen: whoever needs them and does not wait goes without."""
        self.peak = 0
        self.round = 0
        self.events: list[dict[str, Any]] = []
        self.left_behind: list[dict[str, str]] = []
        """What a clean-up could not delete: no longer in a stack, still in AWS."""
        self._turns: list[tuple[int, str, int, int, Task]] = []
        self._flights: list[tuple[str, Task]] = []
        self._held: list[tuple[int, str, int, int, Task]] = []
        self._sequence = 0
        self._current: Task | None = None

    def spawn(self, process: Process) -> Task:
        """Starts a process; whoever starts it ends it by failing."""
        task = Task(process, self._current)
        if self._current is not None:
            self._current.children.append(task)
        self._push(STARTING, "", task)
        return task

    def run(self, process: Process) -> Any:
        """Runs a process to its end and returns what it returns."""
        task = self.spawn(process)
        while self._turns or self._flights or self._held:
            if self._turns:
                *_, resumed, next_task = heapq.heappop(self._turns)
                if resumed == next_task.resumed:
                    self._resume(next_task)
            elif self._flights:
                self._land()
            else:
                heapq.heappush(self._turns, heapq.heappop(self._held))
        assert task.done, "a process waits for what never happens"
        if task.failure is not None:
            raise task.failure
        return task.result

    def event(self, path: str, type: str, status: str, reason: str | None = None) -> None:
        event = {"path": path, "type": type, "status": status, "round": self.round}
        self.events.append({**event, "reason": reason} if reason else event)

    def _push(self, rank: int, path: str, task: Task) -> None:
        self._sequence += 1
        queue = self._held if path and path in self.held_back else self._turns
        heapq.heappush(queue, (rank, path, self._sequence, task.resumed, task))

    def _land(self) -> None:
        self.round += 1
        flights = sorted(self._flights, key=lambda flight: flight[0])
        landed = [flight for flight in flights if flight[0] not in self.slow] or flights
        self._flights = [flight for flight in flights if flight not in landed]
        for _, task in landed:
            self._push(LANDING, "", task)

    def _resume(self, task: Task) -> None:
        if task.done:
            return
        task.resumed += 1
        failure = self._failure_of(task.waits_for)
        if failure:
            self._cancel(task.waits_for.tasks)
        task.waits_for = None
        before, self._current = self._current, task
        try:
            wish = task.process.throw(failure) if failure else task.process.send(None)
        except StopIteration as end:
            task.result = end.value
            self._end(task)
        except Failed as error:
            task.failure = error
            self._cancel(task.children)
            self._end(task)
        else:
            self._wait(task, wish)
        finally:
            self._current = before

    def _failure_of(self, join: Join | None) -> Failed | None:
        tasks = join.tasks if join else ()
        return next((task.failure for task in tasks if task.failure is not None), None)

    def _wait(self, task: Task, wish: Turn | Flight | Join) -> None:
        match wish:
            case Turn(rank, path):
                self._push(rank, path, task)
            case Flight(path):
                self._flights.append((path, task))
                self.peak = max(self.peak, len(self._flights))
                if self.limit is not None and len(self._flights) > self.limit:
                    raise Throttled(f"{len(self._flights)} assignment operations are in flight, {self.limit} may be")
            case Join(tasks):
                task.waits_for = wish
                pending = [other for other in tasks if not other.done]
                task.pending = len(pending)
                for other in pending:
                    other.waiters.append(task)
                if not pending or self._failure_of(wish):
                    self._push(FAILING if self._failure_of(wish) else STARTING, "", task)

    def _end(self, task: Task) -> None:
        task.done = True
        for waiter in task.waiters:
            if waiter.done or waiter.waits_for is None:
                continue
            waiter.pending -= 1
            if task.failure is not None:
                self._push(FAILING, "", waiter)
            elif waiter.pending == 0:
                self._push(STARTING, "", waiter)

    def _cancel(self, tasks: Iterable[Task]) -> None:
        """What has not happened yet does not happen any more; what is in flight is not taken back."""
        for task in tasks:
            if not task.done:
                task.done = True
                task.process.close()
            self._cancel(task.children)
        self._flights = [flight for flight in self._flights if not flight[-1].done]


# What is no step of its own comes before every step, and bad news before everything else.
FAILING = -3
LANDING = -2
STARTING = -1


def run(process: Callable[..., Process], *arguments: Any) -> None:
    """Runs a process nobody limits, for those who ask for nothing but its end."""
    schedule = Schedule()
    schedule.run(process(schedule, *arguments))
