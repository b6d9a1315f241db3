"""One world: an organization with its services, and the record of what was asked of them."""

from __future__ import annotations

import collections
import json
import time
from collections.abc import Callable
from typing import Any

from .applications import Applications
from .aws import AwsError, Caller, method_name, operation, validate
from .cloudformation.engine import CloudFormation
from .events import Events
from .iam import Iam
from .identity_center import IdentityCenter
from .identity_store import IdentityStore
from .organization import Organization
from .organizations import Organizations
from .scheduler import Scheduler
from .stack_sets import StackSets
from .sts import Sts

Answerer = Callable[[Caller, dict[str, Any]], dict[str, Any]]

DEFAULT_PAGE_SIZE = 5
THROTTLED = ("sso-admin", "identitystore")


class Throttle:
    """A token bucket: `rate` requests a second, of which `burst` may come at once."""

    def __init__(self, rate: float, burst: float):
        self.rate = rate
        self.burst = burst
        self.tokens = burst
        self.checked = time.monotonic()

    def admits(self) -> bool:
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.checked) * self.rate)
        self.checked = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Cloud:
    """Everything a test sees. Not thread-safe: the server lets one request in at a time."""

    def __init__(self, world: dict[str, Any]):
        page_size = world.get("page_size", DEFAULT_PAGE_SIZE)
        self.organization = Organization(world)
        self.identity_store = IdentityStore(self.organization, world, page_size)
        # IAM asks Identity Center what is in use; Identity Center asks IAM what is there.
        self.iam = Iam(lambda policy: self.identity_center.is_in_use(policy))
        self.identity_center = IdentityCenter(self.organization, self.identity_store, self.iam, world)
        self.cloudformation = CloudFormation(self, world)
        self.stack_sets = StackSets(self.organization, self.cloudformation, world)
        own = (
            self.identity_center,
            self.identity_store,
            Organizations(self.organization, page_size),
            self.stack_sets,
            Sts(self.organization),
        )
        self.services = {service.service: service for service in own}
        self.applications = Applications(self.identity_center)
        self.scheduler = Scheduler(self)
        self.events = Events(self)
        throttle = world.get("throttle")
        self.throttle = Throttle(throttle["rate"], throttle.get("burst", throttle["rate"])) if throttle else None
        self.calls: collections.Counter[str] = collections.Counter()
        self.log: list[dict[str, Any]] = []
        for policy in world.get("policies", []):
            self.put_policy(policy)

    def put_policy(self, policy: dict[str, Any]) -> None:
        """Creates a customer managed policy behind everybody's back."""
        document = json.dumps(policy["document"])
        path = policy.get("path", "/")
        self.iam.create(policy["account"], policy["name"], path, document, policy.get("description", ""))

    def answerer(self, service: str, action: str) -> Answerer | None:
        """What answers a request to one of our own services; None where nothing does."""
        if service not in self.services or operation(service, action) is None:
            return None
        own = self.services[service]
        answer = getattr(own, method_name(action), None)
        if answer is None and own is self.identity_center:
            answer = getattr(self.applications, method_name(action), None)
        return answer

    def call(
        self, answer: Answerer, caller: Caller, service: str, action: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """Lets `answer` answer, after all that AWS checks for every request alike."""
        if self.throttle and service in THROTTLED and not self.throttle.admits():
            raise AwsError("ThrottlingException", "Rate exceeded", 400)
        result = self.answer(answer, caller, service, action, parameters)
        self.stack_sets.run_operations()
        return result

    def answer(
        self, answer: Answerer, caller: Caller, service: str, action: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """As `call`, for CloudFormation: it tries again when it is throttled, and runs the operations it starts."""
        if (shape := operation(service, action).input_shape) is not None:
            validate(shape, parameters)
        self.services[service].authorize(caller, action, parameters)
        return answer(caller, parameters)

    def record(
        self, caller: Caller, service: str, action: str, parameters: dict[str, Any] | None, error: str | None
    ) -> None:
        self.calls[f"{service}:{action}"] += 1
        if not action.startswith(("Describe", "Get", "List")):
            entry = {"account": caller.account, "region": caller.region, "call": f"{service}:{action}"}
            self.log.append({**entry, "parameters": parameters, "error": error})

    def dump(self) -> dict[str, Any]:
        return {
            **self.identity_center.dump(),
            **self.applications.dump(),
            "accounts": self.organization.dump(),
            "policies": self.iam.dump(),
            "schedules": self.scheduler.dump(),
            "events": self.events.dump(),
            "stack_sets": self.stack_sets.dump(),
            "stacks": self.cloudformation.dump(),
            "calls": dict(sorted(self.calls.items())),
            "log": self.log,
        }

    # What happens to an organization while nobody deploys ------------------------------------------------------------

    def create_account(self, account: dict[str, Any]) -> None:
        self.stack_sets.account_moved(self.organization.add_account(**account))
        created = {"accountId": account["id"], "state": "SUCCEEDED"}
        self.events.tell(
            {"eventName": "CreateAccountResult", "serviceEventDetails": {"createAccountStatus": created}}
        )

    def change_account(self, id: str, change: dict[str, Any]) -> None:
        account = self.organization.accounts[id]
        if "parent" in change:
            if change["parent"] not in self.organization.units:
                raise ValueError(f"there is no organizational unit {change['parent']}")
            before, account.parent = account.parent, change["parent"]
            self.stack_sets.account_moved(account)
            moved = {"accountId": id, "sourceParentId": before, "destinationParentId": account.parent}
            self.events.tell({"eventName": "MoveAccount", "requestParameters": moved})
        # Suspending an account leaves its stacks where they are.
        account.status = change.get("status", account.status)
        account.name = change.get("name", account.name)
        account.tags = change.get("tags", account.tags)
