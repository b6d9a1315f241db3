"""The tests' own interface, plain HTTP and JSON under `/_emulator/`; README.md lists it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.iam.exceptions import IAMException

from .cloud import Cloud

Answer = tuple[int, bytes]


@dataclass
class State:
    """A Terraform state, as the `http` backend keeps it."""

    content: bytes | None = None
    lock: bytes | None = None


@dataclass
class Control:
    load: Callable[[dict[str, Any]], None]
    cloud: Callable[[], Cloud]
    states: dict[str, State] = field(default_factory=dict)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        what, _, name = path.removeprefix("/_emulator/").partition("/")
        if what == "state" and name:
            return self._state(method, name, body)
        try:
            return self._control(method, what, name, json.loads(body) if body else {})
        except (KeyError, TypeError, ValueError, IAMException) as error:
            return 400, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()

    def _control(self, method: str, what: str, name: str, body: dict[str, Any]) -> Answer:
        match method, what:
            case "GET", "dump":
                dump = self.cloud().dump()
                return 200, json.dumps(dump[name] if name else dump).encode()
            case "PUT", "world":
                self.load(body)
                self.states.clear()
            case "POST", "accounts" if not name:
                self.cloud().create_account(body)
            case "PATCH", "accounts":
                self.cloud().change_account(name, body)
            case "POST", "policies":
                self.cloud().put_policy(body)
            case "PUT", "stacks":
                return 200, json.dumps(self.cloud().cloudformation.put(name, body)).encode()
            case "POST", "stacks":
                return 200, json.dumps(self.cloud().cloudformation.import_resources(name, body)).encode()
            case "DELETE", "stacks":
                return 200, json.dumps(self.cloud().cloudformation.delete(name, body)).encode()
            case "POST", "schedules":
                self.cloud().scheduler.run(body["until"])
            case "POST", "events":
                self.cloud().events.tell(body)
            case "DELETE", "log":
                self.cloud().calls.clear()
                self.cloud().log.clear()
            case _:
                return 404, json.dumps({"error": f"no such control: {method} {what}/{name}"}).encode()
        return 200, b"{}"

    def _state(self, method: str, name: str, body: bytes) -> Answer:
        state = self.states.setdefault(name, State())
        match method:
            case "GET":
                return (200, state.content) if state.content is not None else (404, b"")
            case "POST":
                state.content = body
            case "DELETE":
                state.content = None
            case "LOCK":
                if state.lock is not None:
                    return 423, state.lock
                state.lock = body
            case "UNLOCK":
                state.lock = None
            case _:
                return 405, b""
        return 200, b""
