"""EventBridge Scheduler: moto keeps schedules and runs none; what is due runs here when a test says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from moto.scheduler import scheduler_backends
from moto.scheduler.models import Schedule

from . import roles
from .aws import Caller

if TYPE_CHECKING:
    from .cloud import Cloud

DELETE = "aws-sdk:ssoadmin:deleteAccountAssignment"

# What Identity Center does in the management account with the rights of its caller when an assignment is the last one.
OF_ROLE = (
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "GetRole",
    "ListAttachedRolePolicies",
    "ListRolePolicies",
)


def schedules() -> Iterator[tuple[str, str, Schedule]]:
    """Every schedule, with its account and Region."""
    for account in sorted(scheduler_backends):
        for region, backend in sorted(scheduler_backends[account].items()):
            for _, group in sorted(backend.schedule_groups.items()):
                for _, schedule in sorted(group.schedules.items()):
                    yield account, region, schedule


class Scheduler:
    def __init__(self, cloud: Cloud):
        self.cloud = cloud
        scheduler_backends.clear()

    def dump(self) -> list[dict[str, Any]]:
        dumped = []
        for account, region, schedule in schedules():
            entry = {
                "account": account,
                "region": region,
                "group": schedule.group_name,
                "name": schedule.name,
                "expression": schedule.schedule_expression,
                "time_zone": schedule.schedule_expression_timezone,
                "retries": schedule.target["RetryPolicy"],
                "target": schedule.target["Arn"],
                "input": json.loads(schedule.target.get("Input", "{}")),
            }
            if schedule.target["Arn"].endswith(DELETE) and entry["input"]:
                entry |= self._named(entry["input"])
            dumped.append(entry)
        return dumped

    def _named(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The assignment that a schedule deletes, by names."""
        center = self.cloud.identity_center
        known = center.permission_sets.get(parameters["PermissionSetArn"])
        names = self.cloud.identity_store.names[parameters["PrincipalType"]]
        return {
            "permission_set": known.name if known else None,
            "principal_type": parameters["PrincipalType"],
            "principal": names.get(parameters["PrincipalId"]),
            "assigned_account": parameters["TargetId"],
        }

    def run(self, until: str) -> None:
        """Runs what is due at a moment, in UTC. What AWS would refuse is an error."""
        due = [
            (schedule.schedule_expression.removeprefix("at(").removesuffix(")"), account, region, schedule)
            for account, region, schedule in schedules()
            if schedule.schedule_expression.startswith("at(") and schedule.state == "ENABLED"
        ]
        for moment, account, region, schedule in sorted(due, key=lambda due: (due[0], due[3].arn)):
            if schedule.schedule_expression_timezone != "UTC":
                raise ValueError(f"{schedule.arn}: a time zone that nobody knows here")
            if moment <= until:
                self._run(account, region, schedule)

    def _run(self, account: str, region: str, schedule: Schedule) -> None:
        partition = schedule.arn.split(":")[1]
        if schedule.target["Arn"] != f"arn:{partition}:scheduler:::{DELETE}":
            raise ValueError(f"{schedule.arn}: not a target that is known here: {schedule.target['Arn']}")
        group = f"arn:{partition}:scheduler:{region}:{account}:schedule-group/{schedule.group_name}"
        role = roles.used_by(account, schedule.target["RoleArn"], "scheduler.amazonaws.com", group)
        parameters = json.loads(schedule.target["Input"])
        for action, resource in self._needed(parameters, partition, region):
            roles.must_allow(role, action, resource)
        cloud = self.cloud
        caller = Caller(account, region)
        answer = cloud.answerer("sso-admin", "DeleteAccountAssignment")
        assert answer is not None
        cloud.call(answer, caller, "sso-admin", "DeleteAccountAssignment", parameters)
        cloud.record(caller, "sso-admin", "DeleteAccountAssignment", parameters, None)

    def _needed(self, parameters: dict[str, Any], partition: str, region: str) -> Iterator[tuple[str, str]]:
        target = parameters["TargetId"]
        for resource in (
            parameters["InstanceArn"],
            parameters["PermissionSetArn"],
            f"arn:{partition}:sso:::account/{target}",
        ):
            yield "sso:DeleteAccountAssignment", resource
        if target == self.cloud.organization.management_account:
            name = self.cloud.identity_center.permission_sets[parameters["PermissionSetArn"]].name
            path = "aws-reserved/sso.amazonaws.com/" + ("" if region == "us-east-1" else f"{region}/")
            role = f"arn:{partition}:iam::{target}:role/{path}AWSReservedSSO_{name}_0123456789abcdef"
            for action in OF_ROLE:
                yield f"iam:{action}", role
