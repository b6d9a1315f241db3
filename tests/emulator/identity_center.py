"""IAM Identity Center (`sso-admin`): permission sets, assignments, and the roles they become in the accounts.

What makes it more than storage is `_provision`: a permission set reaches an account only if everything it names is
there, and a change reaches it only when somebody provisions it again.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import regex

from . import iam
from .aws import AwsError, Caller, digest, paged, uuid
from .identity_store import IdentityStore
from .organization import Organization

# Quotas of Identity Center, and IAM's of managed policies in one role.
PERMISSION_SETS = 3500
PERMISSION_SETS_PER_ACCOUNT = 500
POLICIES_PER_PERMISSION_SET = 20
POLICIES_PER_ROLE = 10
INLINE_POLICY_SIZE = 10240

SESSION_SECONDS = range(3600, 43200 + 1)
DURATION = regex.compile(r"P(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?(?:(?P<S>\d+)S)?)?")
SECONDS = {"D": 86400, "H": 3600, "M": 60, "S": 1}

# AWS's own policies that cannot be attached to a role of Identity Center.
NOT_ATTACHABLE = (":policy/aws-service-role/", ":policy/root-task/")

Reference = tuple[str, str]
"""Path and name of a customer managed policy: an ARN without its account."""


@dataclass
class PermissionSet:
    arn: str
    name: str
    description: str | None
    session_duration: str
    relay_state: str | None
    created: float
    aws_managed: list[str] = field(default_factory=list)
    customer_managed: list[Reference] = field(default_factory=list)
    inline_policy: str = ""
    boundary: dict[str, Any] | None = None
    revision: int = 1
    """Counts the changes that roles have to be provisioned for."""

    def policy_count(self) -> int:
        return len(self.aws_managed) + len(self.customer_managed)


@dataclass
class Role:
    """The AWSReservedSSO role of a permission set in an account, as it was last provisioned."""

    name: str
    revision: int
    policies: list[str]
    boundary: str | None
    inline_policy: str
    session_duration: str


@dataclass
class Request:
    """An asynchronous request, and the moment from which its outcome shows."""

    status: dict[str, Any]
    settled: float

    def described(self) -> dict[str, Any]:
        if time.monotonic() >= self.settled:
            return self.status
        return {**self.status, "Status": "IN_PROGRESS", "FailureReason": None}


class IdentityCenter:
    service = "sso-admin"

    def __init__(
        self, organization: Organization, identity_store: IdentityStore, policies: iam.Iam, world: dict[str, Any]
    ):
        self.organization = organization
        self.identity_store = identity_store
        self.policies = policies
        self.page_size: int = world.get("page_size", 5)
        self.settle_seconds: float = world.get("settle_seconds", 0)
        self.outstanding_limit: int | None = world.get("outstanding_limit")
        self.home_region: str = world.get("home_region", "eu-west-1")
        self.instance_arn: str = world.get("instance_arn", "arn:aws:sso:::instance/ssoins-1234567890abcdef")
        self.permission_sets: dict[str, PermissionSet] = {}
        self.assignments: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
        self.roles: dict[tuple[str, str], Role] = {}
        self.attributes: list[dict[str, Any]] | None = None
        self.requests: dict[str, Request] = {}
        self.used_names: dict[str, int] = {}
        self.tags: dict[str, dict[str, str]] = {}

    # Who may do what ------------------------------------------------------------------------------------------------

    def authorize(self, caller: Caller, action: str, parameters: dict[str, Any]) -> None:
        known = self.organization
        denied = AwsError(
            "AccessDeniedException",
            f"User: {caller.arn} is not authorized to perform: sso:{action} because of the account, the Region or "
            "the permission set of the request",
        )
        if caller.account not in (known.management_account, known.delegated_administrator):
            raise denied
        if caller.region != self.home_region:
            raise denied
        if parameters.get("InstanceArn", self.instance_arn) != self.instance_arn:
            raise AwsError("ResourceNotFoundException", "The requested instance does not exist.")
        reads = action.startswith(("Describe", "Get", "List"))
        if caller.account != known.management_account and not reads and self._reaches_management(parameters):
            raise denied

    def _reaches_management(self, parameters: dict[str, Any]) -> bool:
        management = self.organization.management_account
        permission_set = parameters.get("PermissionSetArn", parameters.get("ResourceArn", ""))
        return parameters.get("TargetId") == management or (permission_set, management) in self.roles

    # Permission sets ------------------------------------------------------------------------------------------------

    def create_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["Name"]
        if any(known.name == name for known in self.permission_sets.values()):
            raise AwsError("ConflictException", f"PermissionSet with name {name} already exists.")
        if len(self.permission_sets) >= PERMISSION_SETS:
            raise AwsError("ServiceQuotaExceededException", "You have reached the quota of permission sets.")
        duration = parameters.get("SessionDuration", "PT1H")
        check_session_duration(duration)
        # An ARN is never used again, even where the name is.
        self.used_names[name] = self.used_names.get(name, 0) + 1
        instance = self.instance_arn.rsplit("/", 1)[1]
        suffix = digest("permission set", name, str(self.used_names[name]), length=16)
        created = PermissionSet(
            arn=f"arn:aws:sso:::permissionSet/{instance}/ps-{suffix}",
            name=name,
            description=parameters.get("Description"),
            session_duration=duration,
            relay_state=parameters.get("RelayState"),
            created=time.time(),
        )
        self.permission_sets[created.arn] = created
        self.tags[created.arn] = plain_tags(parameters.get("Tags", []))
        return {"PermissionSet": self._described(created)}

    def describe_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"PermissionSet": self._described(self._permission_set(parameters))}

    def update_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        # What an update leaves out falls back to its default, the description excepted.
        duration = parameters.get("SessionDuration", "PT1H")
        check_session_duration(duration)
        known.session_duration = duration
        known.relay_state = parameters.get("RelayState")
        known.description = parameters.get("Description", known.description)
        known.revision += 1
        return {}

    def delete_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        if any(permission_set == known.arn for permission_set, _ in self.assignments):
            raise AwsError(
                "ConflictException", f"PermissionSet {known.arn} cannot be deleted, as it is assigned to accounts."
            )
        del self.permission_sets[known.arn], self.tags[known.arn]
        return {}

    def list_permission_sets(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return paged("PermissionSets", list(self.permission_sets), parameters, self.page_size)

    def list_instances(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        instance = {
            "InstanceArn": self.instance_arn,
            "IdentityStoreId": self.identity_store.id,
            "OwnerAccountId": self.organization.management_account,
            "CreatedDate": 1704067200,
            "Status": "ACTIVE",
        }
        return paged("Instances", [instance], parameters, self.page_size)

    def describe_instance(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return self.list_instances(caller, {})["Instances"][0]

    def tag_resource(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        self._tagged(parameters).update(plain_tags(parameters["Tags"]))
        return {}

    def untag_resource(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        tags = self._tagged(parameters)
        for key in parameters["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in self._tagged(parameters).items()]
        return paged("Tags", tags, parameters, self.page_size)

    def _tagged(self, parameters: dict[str, Any]) -> dict[str, str]:
        if parameters["ResourceArn"] not in self.tags:
            raise AwsError("ResourceNotFoundException", "The requested resource does not exist.")
        return self.tags[parameters["ResourceArn"]]

    def _permission_set(self, parameters: dict[str, Any]) -> PermissionSet:
        known = self.permission_sets.get(parameters["PermissionSetArn"])
        if known is None:
            raise AwsError("ResourceNotFoundException", "The requested permission set does not exist.")
        return known

    def _described(self, known: PermissionSet) -> dict[str, Any]:
        described = {
            "Name": known.name,
            "PermissionSetArn": known.arn,
            "Description": known.description,
            "CreatedDate": known.created,
            "SessionDuration": known.session_duration,
            "RelayState": known.relay_state,
        }
        return {key: value for key, value in described.items() if value is not None}

    # Their policies -------------------------------------------------------------------------------------------------

    def attach_managed_policy_to_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        arn = parameters["ManagedPolicyArn"]
        if arn not in iam.aws_managed_policies():
            raise AwsError("ResourceNotFoundException", f"ManagedPolicy with ARN {arn} does not exist.")
        if any(kind in arn for kind in NOT_ATTACHABLE):
            raise AwsError("ValidationException", f"ManagedPolicy {arn} is not attachable.")
        self._attach(known, known.aws_managed, arn)
        return {}

    def detach_managed_policy_from_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        self._detach(known, known.aws_managed, parameters["ManagedPolicyArn"])
        return {}

    def list_managed_policies_in_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        attached = [{"Arn": arn, "Name": arn.rsplit("/", 1)[1]} for arn in self._permission_set(parameters).aws_managed]
        return paged("AttachedManagedPolicies", attached, parameters, self.page_size)

    def attach_customer_managed_policy_reference_to_permission_set(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        known = self._permission_set(parameters)
        self._attach(known, known.customer_managed, _reference(parameters["CustomerManagedPolicyReference"]))
        return {}

    def detach_customer_managed_policy_reference_from_permission_set(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        known = self._permission_set(parameters)
        self._detach(known, known.customer_managed, _reference(parameters["CustomerManagedPolicyReference"]))
        return {}

    def list_customer_managed_policy_references_in_permission_set(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        attached = [{"Name": name, "Path": path} for path, name in self._permission_set(parameters).customer_managed]
        return paged("CustomerManagedPolicyReferences", attached, parameters, self.page_size)

    def put_inline_policy_to_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        document = parameters["InlinePolicy"]
        if iam.without_white_space(document) > INLINE_POLICY_SIZE:
            raise AwsError("ServiceQuotaExceededException", "The inline policy exceeds 10240 characters.")
        try:
            json.loads(document)
        except ValueError:
            raise AwsError("ValidationException", "The inline policy is not a JSON document.") from None
        known.inline_policy = document
        known.revision += 1
        return {}

    def get_inline_policy_for_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"InlinePolicy": self._permission_set(parameters).inline_policy}

    def delete_inline_policy_from_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        if not known.inline_policy:
            raise AwsError("ResourceNotFoundException", "The permission set has no inline policy.")
        known.inline_policy = ""
        known.revision += 1
        return {}

    def put_permissions_boundary_to_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        boundary = parameters["PermissionsBoundary"]
        if len(boundary) != 1:
            raise AwsError(
                "ValidationException",
                "A permissions boundary is either a ManagedPolicyArn or a CustomerManagedPolicyReference.",
            )
        if boundary.get("ManagedPolicyArn", "") not in {"", *iam.aws_managed_policies()}:
            raise AwsError("ResourceNotFoundException", "The managed policy does not exist.")
        if "CustomerManagedPolicyReference" in boundary:
            path, name = _reference(boundary["CustomerManagedPolicyReference"])
            boundary = {"CustomerManagedPolicyReference": {"Name": name, "Path": path}}
        known.boundary = boundary
        known.revision += 1
        return {}

    def get_permissions_boundary_for_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        boundary = self._permission_set(parameters).boundary
        if boundary is None:
            raise AwsError("ResourceNotFoundException", "The permission set has no permissions boundary.")
        return {"PermissionsBoundary": boundary}

    def delete_permissions_boundary_from_permission_set(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        known = self._permission_set(parameters)
        if known.boundary is None:
            raise AwsError("ResourceNotFoundException", "The permission set has no permissions boundary.")
        known.boundary = None
        known.revision += 1
        return {}

    def _attach(self, known: PermissionSet, attached: list, policy: Any) -> None:
        if policy in attached:
            raise AwsError("ConflictException", "The policy is attached to the permission set already.")
        if known.policy_count() >= POLICIES_PER_PERMISSION_SET:
            raise AwsError(
                "ServiceQuotaExceededException",
                f"You have exceeded the quota of {POLICIES_PER_PERMISSION_SET} managed policies in a permission set.",
            )
        attached.append(policy)
        known.revision += 1

    def _detach(self, known: PermissionSet, attached: list, policy: Any) -> None:
        if policy not in attached:
            raise AwsError("ResourceNotFoundException", "The policy is not attached to the permission set.")
        attached.remove(policy)
        known.revision += 1

    # Provisioning ---------------------------------------------------------------------------------------------------

    def _provision(self, known: PermissionSet, account: str) -> str | None:
        """Brings the role of the permission set in the account up to date, or says why that failed."""
        if account not in self.organization.accounts:
            return f"Received a 404 status error: Account {account} does not exist in the organization."
        if not self.organization.is_active(account):
            return f"Received a 403 status error: Account {account} is not active."
        customer_managed = [_arn(account, reference) for reference in known.customer_managed]
        policies = known.aws_managed + customer_managed
        boundary = None
        if known.boundary is not None:
            reference = known.boundary.get("CustomerManagedPolicyReference")
            boundary = _arn(account, _reference(reference)) if reference else known.boundary["ManagedPolicyArn"]
        for arn in policies + ([boundary] if boundary else []):
            if self.policies.document(arn) is None:
                return f"Received a 404 status error: Policy {arn} does not exist or is not attachable."
        if len(policies) > POLICIES_PER_ROLE:
            return f"Received a 409 status error: Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}"
        role = self.roles.get((known.arn, account))
        if role is None and sum(other == account for _, other in self.roles) >= PERMISSION_SETS_PER_ACCOUNT:
            return f"Account {account} has reached the quota of provisioned permission sets."
        suffix = digest("role", known.arn, account, length=16)
        self.roles[known.arn, account] = Role(
            name=role.name if role else f"AWSReservedSSO_{known.name}_{suffix}",
            revision=known.revision,
            policies=policies,
            boundary=boundary,
            inline_policy=known.inline_policy,
            session_duration=known.session_duration,
        )
        return None

    def is_in_use(self, policy: str) -> bool:
        """Whether a role of Identity Center has the policy attached or as its boundary."""
        return any(policy in role.policies or policy == role.boundary for role in self.roles.values())

    def provision_permission_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        provisioned = [account for permission_set, account in self.roles if permission_set == known.arn]
        if parameters["TargetType"] == "AWS_ACCOUNT":
            if parameters.get("TargetId") not in provisioned:
                raise AwsError("ResourceNotFoundException", "The permission set is not provisioned in that account.")
            provisioned = [parameters["TargetId"]]
        failures = [(account, reason) for account in provisioned if (reason := self._provision(known, account))]
        status: dict[str, Any] = {"PermissionSetArn": known.arn}
        if parameters["TargetType"] == "AWS_ACCOUNT":
            status["AccountId"] = parameters["TargetId"]
        if failures:
            status["AccountId"], reason = failures[0]
            return {"PermissionSetProvisioningStatus": self._requested(status, reason)}
        return {"PermissionSetProvisioningStatus": self._requested(status, None)}

    def describe_permission_set_provisioning_status(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"PermissionSetProvisioningStatus": self._status(parameters["ProvisionPermissionSetRequestId"])}

    def list_permission_sets_provisioned_to_account(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        account = parameters["AccountId"]
        found = [
            arn for (arn, other), role in self.roles.items() if other == account and self._is(role, arn, parameters)
        ]
        return paged("PermissionSets", found, parameters, self.page_size)

    def list_accounts_for_provisioned_permission_set(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        known = self._permission_set(parameters)
        found = [a for (arn, a), role in self.roles.items() if arn == known.arn and self._is(role, arn, parameters)]
        return paged("AccountIds", found, parameters, self.page_size)

    def _is(self, role: Role, permission_set: str, parameters: dict[str, Any]) -> bool:
        wanted = parameters.get("ProvisioningStatus")
        return wanted in (None, self.provisioning_status(permission_set, role))

    def provisioning_status(self, permission_set: str, role: Role) -> str:
        latest = role.revision == self.permission_sets[permission_set].revision
        return f"LATEST_PERMISSION_SET_{'PROVISIONED' if latest else 'NOT_PROVISIONED'}"

    # Assignments ----------------------------------------------------------------------------------------------------

    def create_account_assignment(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        account = parameters["TargetId"]
        principal = (parameters["PrincipalType"], parameters["PrincipalId"])
        if self.identity_store.has(*principal):
            reason = self._provision(known, account)
        else:
            reason = f"Received a 404 status error: {principal[0]} {principal[1]} does not exist."
        if reason is None:
            self.assignments.setdefault((known.arn, account), {})[principal] = None
        return {"AccountAssignmentCreationStatus": self._requested(_assignment(parameters), reason)}

    def delete_account_assignment(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        where = (known.arn, parameters["TargetId"])
        principal = (parameters["PrincipalType"], parameters["PrincipalId"])
        if principal not in self.assignments.get(where, {}):
            raise AwsError("ResourceNotFoundException", "The account assignment does not exist.")
        del self.assignments[where][principal]
        if not self.assignments[where]:
            # The role goes with its last assignment.
            del self.assignments[where]
            del self.roles[where]
        return {"AccountAssignmentDeletionStatus": self._requested(_assignment(parameters), None)}

    def describe_account_assignment_creation_status(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"AccountAssignmentCreationStatus": self._status(parameters["AccountAssignmentCreationRequestId"])}

    def describe_account_assignment_deletion_status(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"AccountAssignmentDeletionStatus": self._status(parameters["AccountAssignmentDeletionRequestId"])}

    def list_account_assignments(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._permission_set(parameters)
        account = parameters["AccountId"]
        found = [
            {"AccountId": account, "PermissionSetArn": known.arn, "PrincipalType": kind, "PrincipalId": id}
            for kind, id in self.assignments.get((known.arn, account), {})
        ]
        return paged("AccountAssignments", found, parameters, self.page_size)

    def list_account_assignments_for_principal(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        principal = (parameters["PrincipalType"], parameters["PrincipalId"])
        wanted = parameters.get("Filter", {}).get("AccountId")
        found = [
            {"AccountId": account, "PermissionSetArn": arn, "PrincipalType": principal[0], "PrincipalId": principal[1]}
            for (arn, account), principals in self.assignments.items()
            if principal in principals and wanted in (None, account)
        ]
        return paged("AccountAssignments", found, parameters, self.page_size)

    def _requested(self, status: dict[str, Any], reason: str | None) -> dict[str, Any]:
        """Records the outcome of an asynchronous request; the answer to the request itself is always IN_PROGRESS."""
        now = time.monotonic()
        if self.outstanding_limit is not None:
            outstanding = sum(request.settled > now for request in self.requests.values())
            if outstanding > self.outstanding_limit:
                raise AwsError("ThrottlingException", "Too many requests are outstanding.")
        id = uuid("request", str(len(self.requests)))
        status = {"RequestId": id, "CreatedDate": time.time(), "Status": "SUCCEEDED", **status}
        if reason is not None:
            status |= {"Status": "FAILED", "FailureReason": reason}
        self.requests[id] = Request(status, now + self.settle_seconds)
        return {**status, "Status": "IN_PROGRESS", "FailureReason": None}

    def _status(self, id: str) -> dict[str, Any]:
        if id not in self.requests:
            raise AwsError("ResourceNotFoundException", "The request does not exist.")
        return self.requests[id].described()

    # Attributes for access control ----------------------------------------------------------------------------------

    def create_instance_access_control_attribute_configuration(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        if self.attributes is not None:
            raise AwsError("ConflictException", "The instance has attributes for access control already.")
        self._set_attributes(parameters)
        return {}

    def update_instance_access_control_attribute_configuration(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        self._require_attributes()
        self._set_attributes(parameters)
        return {}

    def delete_instance_access_control_attribute_configuration(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        self._require_attributes()
        self.attributes = None
        return {}

    def describe_instance_access_control_attribute_configuration(
        self, caller: Caller, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "Status": "ENABLED",
            "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": self._require_attributes()},
        }

    def _require_attributes(self) -> list[dict[str, Any]]:
        if self.attributes is None:
            raise AwsError("ResourceNotFoundException", "The instance has no attributes for access control.")
        return self.attributes

    def _set_attributes(self, parameters: dict[str, Any]) -> None:
        attributes = parameters["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"]
        keys = [attribute["Key"] for attribute in attributes]
        if len(set(keys)) != len(keys):
            raise AwsError("ValidationException", "An attribute key stands twice.")
        self.attributes = attributes

    # What tests see -------------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        return {
            "permission_sets": [
                {
                    "arn": known.arn,
                    "name": known.name,
                    "description": known.description,
                    "session_duration": known.session_duration,
                    "relay_state": known.relay_state,
                    "tags": self.tags[known.arn],
                    "aws_managed_policies": sorted(known.aws_managed),
                    "customer_managed_policies": [
                        {"name": name, "path": path} for path, name in sorted(known.customer_managed)
                    ],
                    "permissions_boundary": known.boundary,
                    "inline_policy": json.loads(known.inline_policy) if known.inline_policy else None,
                }
                for known in sorted(self.permission_sets.values(), key=lambda known: known.name)
            ],
            "assignments": sorted(
                (
                    {
                        "permission_set": self.permission_sets[arn].name,
                        "account": account,
                        "principal_type": kind,
                        "principal_id": id,
                        "principal": self.identity_store.names[kind][id],
                    }
                    for (arn, account), principals in self.assignments.items()
                    for kind, id in principals
                ),
                key=lambda a: (a["permission_set"], a["principal_type"], a["principal"], a["account"]),
            ),
            "roles": sorted(
                (
                    {
                        "account": account,
                        "name": role.name,
                        "permission_set": self.permission_sets[arn].name,
                        "provisioning_status": self.provisioning_status(arn, role),
                        "session_duration": role.session_duration,
                        "policies": role.policies,
                        "permissions_boundary": role.boundary,
                        "inline_policy": json.loads(role.inline_policy) if role.inline_policy else None,
                    }
                    for (arn, account), role in self.roles.items()
                ),
                key=lambda role: (role["account"], role["name"]),
            ),
            "access_control_attributes": (
                None if self.attributes is None else {a["Key"]: a["Value"]["Source"] for a in self.attributes}
            ),
        }


def check_session_duration(duration: str) -> None:
    """Between one and twelve hours; the service model's pattern alone would let PT13H pass."""
    match = DURATION.fullmatch(duration)
    seconds = sum(SECONDS[unit] * int(count or 0) for unit, count in match.groupdict().items()) if match else -1
    if seconds not in SESSION_SECONDS:
        raise AwsError("ValidationException", f"SessionDuration {duration} is not between PT1H and PT12H.")


def plain_tags(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _reference(reference: dict[str, str]) -> Reference:
    return reference.get("Path", "/"), reference["Name"]


def _arn(account: str, reference: Reference) -> str:
    path, name = reference
    return f"arn:aws:iam::{account}:policy{path}{name}"


def _assignment(parameters: dict[str, Any]) -> dict[str, Any]:
    keys = ("PermissionSetArn", "PrincipalType", "PrincipalId", "TargetId", "TargetType")
    return {key: parameters[key] for key in keys}
