"""Service-managed CloudFormation StackSets, which put customer managed policies into the member accounts.

An operation ends as soon as it is asked for; `settle_seconds` only delays when its end shows. Templates are deployed
here and not by moto: JSON, without parameters, holding `AWS::IAM::ManagedPolicy` resources.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import regex
from moto.iam.exceptions import IAMException

from .aws import AwsError, Caller, digest, paged, uuid
from .iam import Iam
from .organization import Account, Organization

NAME = regex.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
TEMPLATE_BYTES = 51200
TEMPLATE_RESOURCES = 500
TARGETS_PER_CALL = 50
NESTED = {"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"}
SERVICE_ROLE = (
    "aws-service-role/stacksets.cloudformation.amazonaws.com/AWSServiceRoleForCloudFormationStackSetsOrgAdmin"
)


@dataclass(frozen=True)
class ManagedPolicy:
    """An AWS::IAM::ManagedPolicy as the template wants it; all but the document is create-only."""

    name: str
    path: str
    description: str
    document: str

    def arn(self, account: str) -> str:
        return f"arn:aws:iam::{account}:policy{self.path}{self.name}"


@dataclass
class Instance:
    """A stack of the set in one account and Region."""

    account: str
    region: str
    unit: str
    """The deployment target it came through: the unit of the request, not the account's own."""
    stack_id: str
    policies: dict[str, ManagedPolicy] = field(default_factory=dict)
    failure: str | None = None
    skipped: bool = False
    """Whether the last operation passed it by, because its account was suspended."""

    def summary(self, stack_set: StackSet) -> dict[str, Any]:
        summary = {
            "StackSetId": stack_set.id,
            "Region": self.region,
            "Account": self.account,
            "StackId": self.stack_id,
            "Status": "OUTDATED" if self.failure else "CURRENT",
            "StackInstanceStatus": {"DetailedStatus": self.detailed_status()},
            "OrganizationalUnitId": self.unit,
            "DriftStatus": "NOT_CHECKED",
        }
        return {**summary, "StatusReason": self.failure} if self.failure else summary

    def detailed_status(self) -> str:
        if self.skipped:
            return "SKIPPED_SUSPENDED_ACCOUNT"
        return "FAILED" if self.failure else "SUCCEEDED"


@dataclass
class Operation:
    described: dict[str, Any]
    results: list[dict[str, Any]]
    settled: float


@dataclass
class StackSet:
    name: str
    id: str
    arn: str
    region: str
    settings: dict[str, Any]
    template: dict[str, Any]
    targets: dict[str, None] = field(default_factory=dict)
    """Units that auto-deployment watches, in the order in which they were first named."""
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def auto_deployment(self) -> dict[str, Any]:
        return self.settings["AutoDeployment"]


class StackSets:
    service = "cloudformation"

    def __init__(self, organization: Organization, policies: Iam, world: dict[str, Any]):
        self.organization = organization
        self.policies = policies
        self.page_size: int = world.get("page_size", 5)
        self.settle_seconds: float = world.get("settle_seconds", 0)
        self.stack_sets: dict[tuple[str, str], StackSet] = {}
        self.used_names: dict[str, int] = {}

    def authorize(self, caller: Caller, action: str, parameters: dict[str, Any]) -> None:
        known = self.organization
        if parameters.get("CallAs", "SELF") == "DELEGATED_ADMIN":
            if caller.account != known.stack_sets_administrator:
                raise invalid("Account used is not a delegated administrator")
        elif caller.account != known.management_account:
            raise invalid("You must be the management account or delegated admin account of an organization")

    # Stack sets -----------------------------------------------------------------------------------------------------

    def create_stack_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["StackSetName"]
        if not NAME.fullmatch(name):
            raise invalid(f"StackSet name {name} does not match {NAME.pattern}")
        if (caller.region, name) in self.stack_sets:
            raise AwsError("NameAlreadyExistsException", f"StackSet {name} already exists")
        self.used_names[name] = self.used_names.get(name, 0) + 1
        id = f"{name}:{uuid('stack set', name, str(self.used_names[name]))}"
        created = StackSet(
            name=name,
            id=id,
            arn=f"arn:aws:cloudformation:{caller.region}:{self.organization.management_account}:stackset/{id}",
            region=caller.region,
            settings=_settings(parameters),
            template=_template(parameters),
        )
        self.stack_sets[caller.region, name] = created
        return {"StackSetId": id}

    def update_stack_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        settings = _settings({"AutoDeployment": known.auto_deployment, **parameters})
        known.template = _template(parameters)
        known.settings = settings
        return self._run(known, "UPDATE", parameters, list(known.instances.values()), self._deployment(known))

    def delete_stack_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        if known.instances:
            raise AwsError("StackSetNotEmptyException", "StackSet is not empty")
        del self.stack_sets[known.region, known.name]
        return {}

    def describe_stack_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        settings = known.settings
        return {
            "StackSet": {
                "StackSetName": known.name,
                "StackSetId": known.id,
                "StackSetARN": known.arn,
                "Description": settings.get("Description"),
                "Status": "ACTIVE",
                "TemplateBody": settings["TemplateBody"],
                "Parameters": [],
                "Capabilities": settings.get("Capabilities", []),
                "Tags": settings.get("Tags", []),
                # AWS names the roles of service-managed stack sets too, although nobody sets them.
                "AdministrationRoleARN": f"arn:aws:iam::{self.organization.management_account}:role/{SERVICE_ROLE}",
                "ExecutionRoleName": f"stacksets-exec-{digest('execution role', known.name, length=32)}",
                "AutoDeployment": known.auto_deployment,
                "PermissionModel": "SERVICE_MANAGED",
                "OrganizationalUnitIds": list(known.targets),
                "ManagedExecution": settings.get("ManagedExecution", {"Active": False}),
                "Regions": sorted({region for _, region in known.instances}),
            }
        }

    def list_stack_sets(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        found = [
            {
                "StackSetName": known.name,
                "StackSetId": known.id,
                "Description": known.settings.get("Description"),
                "Status": "ACTIVE",
                "AutoDeployment": known.auto_deployment,
                "PermissionModel": "SERVICE_MANAGED",
                "ManagedExecution": known.settings.get("ManagedExecution", {"Active": False}),
            }
            for known in self.stack_sets.values()
            if known.region == caller.region
        ]
        return paged("Summaries", found, parameters, self.page_size)

    def activate_organizations_access(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {}

    def describe_organizations_access(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"Status": "ENABLED"}

    def _stack_set(self, caller: Caller, parameters: dict[str, Any]) -> StackSet:
        name = parameters["StackSetName"]
        for known in self.stack_sets.values():
            if known.region == caller.region and name in (known.name, known.id):
                return known
        raise AwsError("StackSetNotFoundException", f"StackSet {name} not found", 404)

    # Stack instances ------------------------------------------------------------------------------------------------

    def create_stack_instances(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        targets = self._targets(parameters)
        if targets.filter == "UNION":
            raise invalid("AccountFilterType UNION is not supported by CreateStackInstances")
        instances = []
        for region in parameters["Regions"]:
            for unit, account in self._reached(targets):
                stack = uuid("stack", known.id, account.id, region)
                stack_id = f"arn:aws:cloudformation:{region}:{account.id}:stack/StackSet-{known.name}/{stack}"
                instance = Instance(account.id, region, unit, stack_id)
                instances.append(known.instances.setdefault((account.id, region), instance))
        known.targets |= dict.fromkeys(targets.units)
        return self._run(known, "CREATE", parameters, instances, self._deployment(known))

    def update_stack_instances(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        targets = self._targets(parameters)
        for unit in targets.units:
            if unit not in known.targets:
                raise invalid(f"Organizational unit {unit} not found in StackSet")
        instances = self._existing(known, targets, parameters["Regions"])
        return self._run(known, "UPDATE", parameters, instances, self._deployment(known))

    def delete_stack_instances(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        targets = self._targets(parameters)
        retain = parameters["RetainStacks"]
        instances = self._existing(known, targets, parameters["Regions"])
        if not instances and not any(unit in known.targets for unit in targets.units):
            raise AwsError("StackInstanceNotFoundException", "No stack instance is below the targets", 404)
        if targets.filter == "NONE":
            for unit in targets.units:
                known.targets.pop(unit, None)
        return self._run(known, "DELETE", parameters, instances, lambda instance: self._remove(known, instance, retain))

    def list_stack_instances(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        found = [
            instance.summary(known)
            for instance in known.instances.values()
            if parameters.get("StackInstanceAccount") in (None, instance.account)
            and parameters.get("StackInstanceRegion") in (None, instance.region)
        ]
        return paged("Summaries", found, parameters, self.page_size)

    def describe_stack_instance(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        instance = known.instances.get((parameters["StackInstanceAccount"], parameters["StackInstanceRegion"]))
        if instance is None:
            raise AwsError("StackInstanceNotFoundException", "Stack instance not found", 404)
        return {"StackInstance": {**instance.summary(known), "ParameterOverrides": []}}

    def _targets(self, parameters: dict[str, Any]) -> Targets:
        wanted = parameters.get("DeploymentTargets", {})
        units = wanted.get("OrganizationalUnitIds", [])
        accounts = wanted.get("Accounts", [])
        kind = wanted.get("AccountFilterType", "NONE")
        if parameters.get("Accounts") or not units:
            raise invalid("StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target")
        if len(units) > TARGETS_PER_CALL:
            raise invalid(f"At most {TARGETS_PER_CALL} organizational units can be targeted in one operation")
        if accounts and kind == "NONE":
            raise invalid("Accounts beside OrganizationalUnitIds need an AccountFilterType")
        if not accounts and kind != "NONE":
            raise invalid(f"AccountFilterType {kind} needs Accounts or an AccountsUrl")
        for unit in units:
            if unit not in self.organization.units:
                raise invalid(f"Organizational unit {unit} not found")
        for account in accounts:
            if account not in self.organization.accounts:
                raise invalid(f"Account {account} not found in the organization")
        return Targets(units, kind, set(accounts))

    def _reached(self, targets: Targets) -> Iterable[tuple[str, Account]]:
        seen: set[str] = set()
        for unit in targets.units:
            for account in self.organization.reached_by_stack_sets(unit):
                if account.id not in seen and targets.admits(account.id):
                    seen.add(account.id)
                    yield unit, account

    def _existing(self, known: StackSet, targets: Targets, regions: list[str]) -> list[Instance]:
        return [
            instance
            for instance in known.instances.values()
            if instance.region in regions
            and targets.admits(instance.account)
            and any(
                unit == instance.unit or self.organization.contains(unit, self.organization.accounts[instance.account])
                for unit in targets.units
            )
        ]

    # Operations -----------------------------------------------------------------------------------------------------

    def _run(
        self,
        known: StackSet,
        action: str,
        parameters: dict[str, Any],
        instances: list[Instance],
        act: Callable[[Instance], str | None],
    ) -> dict[str, Any]:
        """Acts on the instances in turn, as many at a time as the preferences allow, until too many have failed."""
        id = parameters.get("OperationId") or uuid("operation", known.id, str(len(known.operations)))
        if id in known.operations:
            raise AwsError("OperationIdAlreadyExistsException", f"Operation {id} already exists", 409)
        preferences = parameters.get("OperationPreferences", {})
        tolerated = _number(preferences, "FailureTolerance", len(instances), default=0)
        at_once = max(1, _number(preferences, "MaxConcurrent", len(instances), default=1))
        if preferences.get("ConcurrencyMode", "STRICT_FAILURE_TOLERANCE") == "STRICT_FAILURE_TOLERANCE":
            at_once = min(at_once, tolerated + 1)
        results = []
        failures = 0
        for start in range(0, len(instances), at_once):
            cancelled = failures > tolerated
            for instance in instances[start : start + at_once]:
                instance.skipped = not self.organization.is_active(instance.account)
                if cancelled:
                    reason = "Cancelled since failure tolerance has exceeded"
                elif instance.skipped:
                    reason = None
                    if action == "DELETE":
                        del known.instances[instance.account, instance.region]
                else:
                    reason = act(instance)
                status = "CANCELLED" if cancelled else "FAILED" if reason else "SUCCEEDED"
                failures += status == "FAILED"
                result = {"Account": instance.account, "Region": instance.region, "Status": status}
                results.append({**result, "StatusReason": reason, "OrganizationalUnitId": instance.unit})
                if cancelled and action != "DELETE":
                    instance.failure = reason
        described = {
            "OperationId": id,
            "StackSetId": known.id,
            "Action": action,
            "Status": "FAILED" if failures > tolerated else "SUCCEEDED",
            "OperationPreferences": preferences,
            "CreationTimestamp": time.time(),
            "EndTimestamp": time.time(),
            "StatusDetails": {"FailedStackInstancesCount": failures},
        }
        known.operations[id] = Operation(described, results, time.monotonic() + self.settle_seconds)
        return {"OperationId": id}

    def describe_stack_set_operation(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        operation = self._operation(caller, parameters)
        return {"StackSetOperation": _shown(operation)}

    def list_stack_set_operations(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        keys = ("OperationId", "Action", "Status", "CreationTimestamp", "EndTimestamp", "StatusDetails")
        found = [{key: _shown(o)[key] for key in keys} for o in reversed(known.operations.values())]
        return paged("Summaries", found, parameters, self.page_size)

    def list_stack_set_operation_results(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        operation = self._operation(caller, parameters)
        return paged("Summaries", operation.results, parameters, self.page_size)

    def _operation(self, caller: Caller, parameters: dict[str, Any]) -> Operation:
        known = self._stack_set(caller, parameters)
        if parameters["OperationId"] not in known.operations:
            raise AwsError("OperationNotFoundException", "Operation not found", 404)
        return known.operations[parameters["OperationId"]]

    # Deploying ------------------------------------------------------------------------------------------------------

    def _deployment(self, known: StackSet) -> Callable[[Instance], str | None]:
        return lambda instance: self._deploy(known, instance)

    def _deploy(self, known: StackSet, instance: Instance) -> str | None:
        """Makes the stack hold what the template says, or leaves it as it was and says why."""
        undo: list[Callable[[], None]] = []
        wanted = _policies(known.template)
        for logical_id, policy in wanted.items():
            try:
                self._put(instance, instance.policies.get(logical_id), policy, undo)
            except IAMException as error:
                for step in reversed(undo):
                    step()
                instance.failure = (
                    f"ResourceLogicalId:{logical_id}, ResourceType:AWS::IAM::ManagedPolicy, "
                    f"ResourceStatusReason:{error.message}"
                )
                return instance.failure
        before, instance.policies, instance.failure = instance.policies, wanted, None
        kept = {policy.arn(instance.account) for policy in wanted.values()}
        for policy in before.values():
            arn = policy.arn(instance.account)
            if arn not in kept:
                try:
                    self.policies.delete(arn)
                except IAMException:
                    # The clean-up after an update does not fail it: the policy stays behind, owned by no stack.
                    continue
        return None

    def _put(
        self,
        instance: Instance,
        before: ManagedPolicy | None,
        wanted: ManagedPolicy,
        undo: list[Callable[[], None]],
    ) -> None:
        arn = wanted.arn(instance.account)
        unchanged = before is not None and (before.name, before.path, before.description) == (
            wanted.name,
            wanted.path,
            wanted.description,
        )
        if before is not None and unchanged and self.policies.policy(arn) is not None:
            self.policies.replace_document(arn, wanted.document)
            undo.append(lambda: self.policies.replace_document(arn, before.document))
        else:
            self.policies.create(instance.account, wanted.name, wanted.path, wanted.document, wanted.description)
            undo.append(lambda: self.policies.delete(arn))

    def _remove(self, known: StackSet, instance: Instance, retain: bool) -> str | None:
        """Deletes the stack, or with `retain` forgets it; says what kept it from being deleted."""
        for logical_id, policy in () if retain else list(instance.policies.items()):
            arn = policy.arn(instance.account)
            if self.policies.policy(arn) is not None:
                try:
                    self.policies.delete(arn)
                except IAMException as error:
                    instance.failure = (
                        f"ResourceLogicalId:{logical_id}, ResourceType:AWS::IAM::ManagedPolicy, "
                        f"ResourceStatusReason:{error.message}"
                    )
                    return instance.failure
            del instance.policies[logical_id]
        del known.instances[instance.account, instance.region]
        return None

    def account_moved(self, account: Account) -> None:
        """Auto-deployment, after an account was created or moved: by unit, whatever the account filters said."""
        for known in self.stack_sets.values():
            if not known.auto_deployment["Enabled"]:
                continue
            reached = [unit for unit in known.targets if account in self.organization.reached_by_stack_sets(unit)]
            for instance in [i for i in known.instances.values() if i.account == account.id]:
                if instance.unit not in reached:
                    self._remove(known, instance, known.auto_deployment["RetainStacksOnAccountRemoval"])
            for region in sorted({region for _, region in known.instances} or {known.region}):
                if reached and (account.id, region) not in known.instances:
                    stack = uuid("stack", known.id, account.id, region)
                    stack_id = f"arn:aws:cloudformation:{region}:{account.id}:stack/StackSet-{known.name}/{stack}"
                    instance = Instance(account.id, region, reached[0], stack_id)
                    known.instances[account.id, region] = instance
                    self._deploy(known, instance)

    # What tests see -------------------------------------------------------------------------------------------------

    def dump(self) -> list[dict[str, Any]]:
        return [
            {
                "name": known.name,
                "region": known.region,
                "description": known.settings.get("Description"),
                "auto_deployment": known.auto_deployment,
                "capabilities": known.settings.get("Capabilities", []),
                "tags": {tag["Key"]: tag["Value"] for tag in known.settings.get("Tags", [])},
                "targets": list(known.targets),
                "template": known.template,
                "instances": [
                    {
                        "account": instance.account,
                        "region": instance.region,
                        "organizational_unit_id": instance.unit,
                        "status": "OUTDATED" if instance.failure else "CURRENT",
                        "reason": instance.failure,
                        "policies": [policy.arn(instance.account) for policy in instance.policies.values()],
                    }
                    for _, instance in sorted(known.instances.items())
                ],
            }
            for _, known in sorted(self.stack_sets.items())
        ]


@dataclass(frozen=True)
class Targets:
    """The deployment targets of a request: units, narrowed by a filter of accounts."""

    units: list[str]
    filter: str
    accounts: set[str]

    def admits(self, account: str) -> bool:
        if self.filter == "INTERSECTION":
            return account in self.accounts
        if self.filter == "DIFFERENCE":
            return account not in self.accounts
        return True


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def _number(preferences: dict[str, Any], what: str, total: int, default: int) -> int:
    if f"{what}Count" in preferences:
        return preferences[f"{what}Count"]
    return total * preferences.get(f"{what}Percentage", 0) // 100 or default


def _shown(operation: Operation) -> dict[str, Any]:
    if time.monotonic() >= operation.settled:
        return operation.described
    return {**operation.described, "Status": "RUNNING"}


def _settings(parameters: dict[str, Any]) -> dict[str, Any]:
    if parameters.get("PermissionModel", "SERVICE_MANAGED") != "SERVICE_MANAGED":
        raise invalid("The emulator has no self-managed stack sets")
    if "AutoDeployment" not in parameters:
        raise invalid("AutoDeployment is required for StackSets with SERVICE_MANAGED permission model")
    if "AdministrationRoleARN" in parameters or "ExecutionRoleName" in parameters:
        raise invalid("Roles cannot be set for StackSets with SERVICE_MANAGED permission model")
    if parameters.get("Parameters"):
        raise invalid("The emulator has no stack set parameters")
    keys = ("Description", "TemplateBody", "Capabilities", "Tags", "ManagedExecution")
    settings = {key: parameters[key] for key in keys if key in parameters}
    if parameters["AutoDeployment"].get("Enabled", False):
        settings["AutoDeployment"] = {"RetainStacksOnAccountRemoval": False, **parameters["AutoDeployment"]}
    elif "RetainStacksOnAccountRemoval" in parameters["AutoDeployment"]:
        raise invalid("RetainStacksOnAccountRemoval needs AutoDeployment to be enabled")
    else:
        settings["AutoDeployment"] = {"Enabled": False}
    return settings


def _template(parameters: dict[str, Any]) -> dict[str, Any]:
    """The template, refused where CloudFormation refuses it for a service-managed stack set."""
    if "TemplateBody" not in parameters:
        raise invalid("The emulator needs a TemplateBody")
    body = parameters["TemplateBody"]
    if len(body.encode()) > TEMPLATE_BYTES:
        raise invalid(f"TemplateBody is longer than {TEMPLATE_BYTES} bytes")
    try:
        template = json.loads(body)
    except ValueError as error:
        raise invalid(f"Template format error: {error}") from None
    if "Transform" in template:
        raise invalid("Transforms are not supported for StackSets with SERVICE_MANAGED permission model")
    resources = template.get("Resources", {})
    if not resources:
        raise invalid("Template format error: At least one Resources member must be defined.")
    if len(resources) > TEMPLATE_RESOURCES:
        raise invalid(f"Template format error: Number of resources is greater than {TEMPLATE_RESOURCES}")
    if any(resource["Type"] in NESTED for resource in resources.values()):
        raise invalid("Nested stacks are not supported for StackSets with SERVICE_MANAGED permission model")
    if template.get("Parameters"):
        raise invalid("The emulator has no stack set parameters")
    _policies(template)
    if "CAPABILITY_NAMED_IAM" not in parameters.get("Capabilities", []):
        raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    return template


def _policies(template: dict[str, Any]) -> dict[str, ManagedPolicy]:
    """The policies by logical id."""
    policies = {}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::ManagedPolicy":
            raise invalid(f"The emulator cannot create {resource['Type']}")
        properties = resource["Properties"]
        unknown = set(properties) - {"ManagedPolicyName", "Path", "Description", "PolicyDocument"}
        if unknown:
            raise invalid(f"The emulator does not know {sorted(unknown)} of AWS::IAM::ManagedPolicy")
        document = properties["PolicyDocument"]
        if any(key == "Ref" or key.startswith("Fn::") for key in _keys(properties)):
            raise invalid("The emulator has no intrinsic functions")
        policies[logical_id] = ManagedPolicy(
            name=properties["ManagedPolicyName"],
            path=properties.get("Path", "/"),
            description=properties.get("Description", ""),
            document=document if isinstance(document, str) else json.dumps(document, separators=(",", ":")),
        )
    return policies


def _keys(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
