"""IAM of every account: moto's backend, narrowed by the rules that a generated output can run into.

Identity Center's roles are kept by `identity_center`; IAM asks it whether a policy is in use.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from moto.core.base_backend import BackendDict
from moto.iam import iam_backends
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import DeleteConflictException, EntityAlreadyExists, LimitExceededException
from moto.iam.models import IAMBackend, ManagedPolicy
from moto.iam.responses import IamResponse, url_encode

# Characters of a managed policy's document, white space left out.
POLICY_SIZE = 6144


def without_white_space(document: str) -> int:
    """The length by which IAM measures a policy document."""
    return sum(not character.isspace() for character in document)


class Responses(IamResponse):
    """moto's answers, where a policy version has its document URL-encoded as AWS sends it: clients decode it."""

    RESPONSE_KEY_PATH_TO_TRANSFORMER = {
        **IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER,
        "GetPolicyVersionResponse.PolicyVersion.Document": url_encode,
    }


class Iam:
    """The customer managed policies of all accounts."""

    def __init__(self, is_in_use: Callable[[str], bool]):
        class Account(IAMBackend):
            def create_policy(
                self,
                description: str,
                path: str,
                policy_document: str,
                policy_name: str,
                tags: list[dict[str, str]],
            ) -> ManagedPolicy:
                # Names are unique in an account whatever their path and case.
                if any(p.name.lower() == policy_name.lower() for p in self.managed_policies.values()):
                    raise EntityAlreadyExists(
                        f"A policy called {policy_name} already exists. Duplicate names are not allowed."
                    )
                _check_size(policy_document)
                return super().create_policy(description, path, policy_document, policy_name, tags)

            def create_policy_version(self, policy_arn: str, policy_document: str, set_as_default: bool) -> Any:
                _check_size(policy_document)
                return super().create_policy_version(policy_arn, policy_document, set_as_default)

            def delete_policy(self, policy_arn: str) -> None:
                if is_in_use(policy_arn) or self.get_policy(policy_arn).attachment_count:
                    raise DeleteConflictException("Cannot delete a policy attached to entities.")
                super().delete_policy(policy_arn)

        BackendDict.reset()
        iam_backends.clear()
        iam_backends.backend = Account

    def account(self, account: str) -> IAMBackend:
        return iam_backends[account]["aws"]

    def policy(self, arn: str) -> ManagedPolicy | None:
        """The customer managed policy of that ARN, whose account, path and name must all be right."""
        return self.account(arn.split(":")[4]).managed_policies.get(arn)

    def create(self, account: str, name: str, path: str, document: str, description: str = "") -> ManagedPolicy:
        return self.account(account).create_policy(description, path, document, name, [])

    def document(self, arn: str) -> Any:
        """The policy's present document, AWS's own policies included; None where there is no such policy."""
        if arn in aws_managed_policies():
            return aws_managed_policies()[arn]
        policy = self.policy(arn)
        return json.loads(_document(policy)) if policy else None

    def replace_document(self, arn: str, document: str) -> None:
        """Makes the document the policy's default version; like CloudFormation, drops the oldest where five exist."""
        policy = self.policy(arn)
        assert policy is not None
        if _document(policy) == document:
            return
        backend = self.account(arn.split(":")[4])
        if len(policy.versions) >= 5:
            oldest = next(v for v in policy.versions if v.version_id != policy.default_version_id)
            backend.delete_policy_version(arn, oldest.version_id)
        backend.create_policy_version(arn, document, True)

    def delete(self, arn: str) -> None:
        self.account(arn.split(":")[4]).delete_policy(arn)

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        return {
            account: [
                {
                    "name": policy.name,
                    "path": policy.path,
                    "description": policy.description or "",
                    "document": json.loads(_document(policy)),
                }
                for _, policy in sorted(iam_backends[account]["aws"].managed_policies.items())
            ]
            for account in sorted(iam_backends)
            if iam_backends[account]["aws"].managed_policies
        }


def _check_size(document: str) -> None:
    if without_white_space(document) > POLICY_SIZE:
        raise LimitExceededException(f"Cannot exceed quota for PolicySize: {POLICY_SIZE}")


def _document(policy: ManagedPolicy) -> str:
    return next(v.document for v in policy.versions if v.version_id == policy.default_version_id)


@functools.lru_cache(maxsize=1)
def aws_managed_policies() -> dict[str, Any]:
    """AWS's own policies as moto ships them: ARN to document."""
    return {
        f"arn:aws:iam::aws:policy{policy['Path']}{name}": policy["Document"]
        for name, policy in json.loads(aws_managed_policies_data).items()
    }
