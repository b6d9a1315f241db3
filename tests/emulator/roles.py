"""Roles that services of AWS use: who may, and for what."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

from moto.iam import iam_backends


def used_by(account: str, arn: str, service: str, source: str) -> Any:
    """The role that a service uses on behalf of one of its resources; what AWS would refuse is an error."""
    role = next((role for role in iam_backends[account]["aws"].get_roles() if role.arn == arn), None)
    if role is None:
        raise ValueError(f"{source}: there is no role {arn}")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": source}},
    }
    if json.loads(role.assume_role_policy_document)["Statement"] != [statement]:
        raise ValueError(f"{arn} does not trust {source}")
    return role


def must_allow(role: Any, action: str, resource: str) -> None:
    """Raises unless an inline policy of a role allows something."""
    statements = [
        statement
        for policy in role.policies.values()
        for statement in (json.loads(policy) if isinstance(policy, str) else policy)["Statement"]
    ]
    if not any(
        statement["Effect"] == "Allow"
        and action in _listed(statement["Action"])
        and any(fnmatch.fnmatchcase(resource, pattern) for pattern in _listed(statement["Resource"]))
        for statement in statements
    ):
        raise ValueError(f"{role.arn} does not allow {action} on {resource}")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
