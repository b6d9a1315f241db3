"""STS, as far as it tells accounts apart.

An access key names its account: `AKIA` and the twelve digits of the account id. Assuming a role of another account
yields `ASIA` and that account's digits. Signatures are not checked.
"""

from __future__ import annotations

from typing import Any

import regex

from .aws import AwsError, Caller
from .organization import Organization

ACCESS_KEY = regex.compile(r"A[KS]IA(?P<account>\d{12})[A-Z0-9]*")
ROLE = regex.compile(r"arn:aws:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[^/]+)")


def account_of(access_key: str) -> str:
    match = ACCESS_KEY.fullmatch(access_key)
    if match is None:
        raise AwsError(
            "InvalidClientTokenId",
            f"The access key {access_key} names no account: it is AKIA followed by the account id",
            403,
        )
    return match["account"]


class Sts:
    service = "sts"

    def __init__(self, organization: Organization):
        self.organization = organization

    def authorize(self, caller: Caller, action: str, parameters: dict[str, Any]) -> None:
        if caller.account not in self.organization.accounts:
            raise AwsError("InvalidClientTokenId", f"There is no account {caller.account} in this world", 403)

    def get_caller_identity(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"Account": caller.account, "Arn": caller.arn, "UserId": caller.account}

    def assume_role(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        match = ROLE.fullmatch(parameters["RoleArn"])
        if match is None or not self.organization.is_active(match["account"]):
            raise AwsError("AccessDenied", f"{caller.arn} is not authorized to assume {parameters['RoleArn']}", 403)
        session = parameters["RoleSessionName"]
        return {
            "Credentials": {
                "AccessKeyId": f"ASIA{match['account']}",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": "2100-01-01T00:00:00Z",
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"AROA{match['account']}:{session}",
                "Arn": f"arn:aws:sts::{match['account']}:assumed-role/{match['name']}/{session}",
            },
        }
