"""Service-managed CloudFormation StackSets, whose instances are stacks in the member accounts.

An operation that is asked for over HTTP ends before the answer; `settle_seconds` only delays when its end shows. One
that a resource of a stack asks for takes part in the deployment of that stack.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import regex

from .aws import AwsError, Caller, digest, paged, uuid
from .cloudformation.engine import CloudFormation, Stack
from .cloudformation.resources import KINDS, Created, Refused, Site, missing_capability
from .cloudformation.schedule import Failed, Join, Process, Schedule, run
from .cloudformation.template import INLINE_BYTES, PACKAGED_BYTES, Invalid, Template, as_text, parameter_values, parse
from .organization import Account, Organization

NAME = regex.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
TARGETS_PER_CALL = 50
PACKAGES = "https://s3.amazonaws.com/packages/"
NESTED = {"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"}
SERVICE_ROLE = (
    "aws-service-role/stacksets.cloudformation.amazonaws.com/AWSServiceRoleForCloudFormationStackSetsOrgAdmin"
)


@dataclass
class Instance:
    """A stack of the set in one account and Region."""

    account: str
    region: str
    unit: str
    """The deployment target it came through: the unit of the request, not the account's own."""
    stack: Stack
    failure: str | None = None
    skipped: bool = False
    """Whether the last operation passed it by, because its account was suspended."""

    def summary(self, stack_set: StackSet) -> dict[str, Any]:
        summary = {
            "StackSetId": stack_set.id,
            "Region": self.region,
            "Account": self.account,
            "StackId": self.stack.id,
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


Act = Callable[[Schedule, str, Instance], Process]
"""What an operation does to an instance: a process that returns why it failed, or None."""


@dataclass
class StackSet:
    name: str
    id: str
    arn: str
    region: str
    settings: dict[str, Any]
    template: Template
    targets: dict[str, None] = field(default_factory=dict)
    """Units that auto-deployment watches, in the order in which they were first named."""
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def auto_deployment(self) -> dict[str, Any]:
        return self.settings["AutoDeployment"]


class StackSets:
    service = "cloudformation"

    def __init__(self, organization: Organization, engine: CloudFormation, world: dict[str, Any]):
        self.organization = organization
        self.engine = engine
        self.page_size: int = world.get("page_size", 5)
        self.settle_seconds: float = world.get("settle_seconds", 0)
        self.stack_sets: dict[tuple[str, str], StackSet] = {}
        self.used_names: dict[str, int] = {}
        self.packages: dict[str, str] = {}
        """What lies in the bucket: templates by URL."""
        self.parsed: dict[tuple[str, int], Template] = {}
        self.pending: list[Callable[[Schedule, str], Process]] = []
        """The operations that were asked for and have not begun."""

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
            template=self._template(parameters),
        )
        self.stack_sets[caller.region, name] = created
        return {"StackSetId": id}

    def update_stack_set(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        settings = _settings({"AutoDeployment": known.auto_deployment, **parameters})
        known.template = self._template(parameters)
        known.settings = settings
        return self._start(known, "UPDATE", parameters, list(known.instances.values()), self._deployment(known))

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
                "TemplateBody": known.template.text,
                "Parameters": settings.get("Parameters", []),
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
        if parameters.get("ParameterOverrides"):
            raise invalid("The emulator has no parameter overrides")
        if targets.filter == "UNION":
            raise invalid("AccountFilterType UNION is not supported by CreateStackInstances")
        instances = []
        for region in parameters["Regions"]:
            for unit, account in self._reached(targets):
                if (account.id, region) not in known.instances:
                    known.instances[account.id, region] = self._new_instance(known, account, region, unit)
                instances.append(known.instances[account.id, region])
        known.targets |= dict.fromkeys(targets.units)
        return self._start(known, "CREATE", parameters, instances, self._deployment(known))

    def update_stack_instances(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self._stack_set(caller, parameters)
        targets = self._targets(parameters)
        for unit in targets.units:
            if unit not in known.targets:
                raise invalid(f"Organizational unit {unit} not found in StackSet")
        instances = self._existing(known, targets, parameters["Regions"])
        return self._start(known, "UPDATE", parameters, instances, self._deployment(known))

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
        return self._start(known, "DELETE", parameters, instances, self._removal(known, retain))

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

    def _start(
        self, known: StackSet, action: str, parameters: dict[str, Any], instances: list[Instance], act: Act
    ) -> dict[str, Any]:
        """Records an operation, which runs as soon as whoever asks for it lets it."""
        id = parameters.get("OperationId") or uuid("operation", known.id, str(len(known.operations)))
        if id in known.operations:
            raise AwsError("OperationIdAlreadyExistsException", f"Operation {id} already exists", 409)
        described = {
            "OperationId": id,
            "StackSetId": known.id,
            "Action": action,
            "Status": "RUNNING",
            "OperationPreferences": parameters.get("OperationPreferences", {}),
            "CreationTimestamp": time.time(),
        }
        operation = Operation(described, [], time.monotonic() + self.settle_seconds)
        known.operations[id] = operation
        self.pending.append(lambda run, path: self._operate(run, path, known, operation, instances, act))
        return {"OperationId": id}

    def run_operations(self) -> None:
        """Runs what was asked for over HTTP."""
        pending, self.pending = self.pending, []
        for process in pending:
            run(process, "StackSet")

    def _operate(
        self, run: Schedule, path: str, known: StackSet, operation: Operation, instances: list[Instance], act: Act
    ) -> Process:
        """Acts on the instances in turn, as many at a time as the preferences allow, until too many have failed."""
        action, preferences = operation.described["Action"], operation.described["OperationPreferences"]
        tolerated = _number(preferences, "FailureTolerance", len(instances), default=0)
        at_once = max(1, _number(preferences, "MaxConcurrent", len(instances), default=1))
        if preferences.get("ConcurrencyMode", "STRICT_FAILURE_TOLERANCE") == "STRICT_FAILURE_TOLERANCE":
            at_once = min(at_once, tolerated + 1)
        failures = 0
        for start in range(0, len(instances), at_once):
            cancelled = failures > tolerated
            batch = instances[start : start + at_once]
            tasks = []
            for instance in batch:
                instance.skipped = not cancelled and not self.organization.is_active(instance.account)
                if not cancelled and not instance.skipped:
                    tasks.append(run.spawn(act(run, f"{path}/{instance.account}", instance)))
            if tasks:
                yield Join(tuple(tasks))
            reasons = iter([task.result for task in tasks])
            for instance in batch:
                reason = None
                if cancelled:
                    reason = "Cancelled since failure tolerance has exceeded"
                    if action != "DELETE":
                        instance.failure = reason
                elif instance.skipped:
                    if action == "DELETE":
                        self._forget(known, instance)
                else:
                    reason = next(reasons)
                status = "CANCELLED" if cancelled else "FAILED" if reason else "SUCCEEDED"
                failures += status == "FAILED"
                result = {"Account": instance.account, "Region": instance.region, "Status": status}
                operation.results.append({**result, "StatusReason": reason, "OrganizationalUnitId": instance.unit})
        operation.described |= {
            "Status": "FAILED" if failures > tolerated else "SUCCEEDED",
            "EndTimestamp": time.time(),
            "StatusDetails": {"FailedStackInstancesCount": failures},
        }

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

    def _new_instance(self, known: StackSet, account: Account, region: str, unit: str) -> Instance:
        # A retained stack keeps its name when its account gets another.
        number = str(len(self.engine.used_names))
        name = f"StackSet-{known.name}-{uuid('instance', known.id, account.id, region, number)}"
        return Instance(account.id, region, unit, self.engine.new_stack(name, account.id, region))

    def _deployment(self, known: StackSet) -> Act:
        def deploy(run: Schedule, path: str, instance: Instance) -> Process:
            """Makes the stack hold what the template says, its clean-up included, or says why it could not."""
            parameters = {item["ParameterKey"]: item["ParameterValue"] for item in known.settings.get("Parameters", [])}
            capabilities = known.settings.get("Capabilities", [])
            stack, template = instance.stack, known.template
            try:
                yield from self.engine.deploy(run, stack, template, parameters, path, capabilities, {})
            except Failed as failed:
                instance.failure = _reason(template.resources, path, failed)
            else:
                instance.failure = None
            return instance.failure

        return deploy

    def _removal(self, known: StackSet, retain: bool) -> Act:
        def remove(run: Schedule, path: str, instance: Instance) -> Process:
            """Deletes the stack, or with `retain` lets go of it; says what kept it from being deleted."""
            if retain:
                del known.instances[instance.account, instance.region]
                return None
            try:
                yield from self.engine.delete_stack(run, instance.stack, path)
            except Failed as failed:
                instance.failure = _reason(known.template.resources, path, failed)
                return instance.failure
            del known.instances[instance.account, instance.region]
            return None

        return remove

    def _forget(self, known: StackSet, instance: Instance) -> None:
        """Drops an instance whose account cannot be reached; what its stack holds stays there."""
        del known.instances[instance.account, instance.region]

    def account_moved(self, account: Account) -> None:
        """Auto-deployment, after an account was created or moved: by unit, whatever the account filters said."""
        for known in self.stack_sets.values():
            if not known.auto_deployment["Enabled"]:
                continue
            reached = [unit for unit in known.targets if account in self.organization.reached_by_stack_sets(unit)]
            for instance in [i for i in known.instances.values() if i.account == account.id]:
                if instance.unit not in reached:
                    act = self._removal(known, known.auto_deployment["RetainStacksOnAccountRemoval"])
                    run(act, known.name, instance)
            for region in sorted({region for _, region in known.instances} or {known.region}):
                if reached and (account.id, region) not in known.instances:
                    instance = self._new_instance(known, account, region, reached[0])
                    known.instances[account.id, region] = instance
                    run(self._deployment(known), known.name, instance)

    def _template(self, parameters: dict[str, Any]) -> Template:
        """The template, refused where CloudFormation refuses it for a service-managed stack set."""
        if ("TemplateBody" in parameters) == ("TemplateURL" in parameters):
            raise invalid("Either TemplateBody or TemplateURL is needed")
        if "TemplateURL" in parameters:
            text, limit = self.packages.get(parameters["TemplateURL"], ""), PACKAGED_BYTES
        else:
            text, limit = parameters["TemplateBody"], INLINE_BYTES
        try:
            template = self._parsed(text, limit)
            values = {item["ParameterKey"]: item["ParameterValue"] for item in parameters.get("Parameters", [])}
            parameter_values(template, values)
        except Invalid as error:
            raise invalid(str(error)) from None
        if template.types() & {"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"}:
            raise invalid("Nested stacks are not supported for StackSets with SERVICE_MANAGED permission model")
        if needed := missing_capability(template.resources, parameters.get("Capabilities", []), KINDS.get):
            raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")
        return template

    def _parsed(self, text: str, limit: int) -> Template:
        if (text, limit) not in self.parsed:
            self.parsed[text, limit] = parse(text, limit, KINDS.get)
        return self.parsed[text, limit]

    # As a resource of a stack ---------------------------------------------------------------------------------------

    def types_of(self, properties: dict[str, Any]) -> set[str]:
        """The resource types in the template of an AWS::CloudFormation::StackSet; none where it is no template."""
        body = properties.get("TemplateBody") or properties.get("TemplateURL", {}).get("text", "")
        try:
            return self._parsed(as_text(body), PACKAGED_BYTES).types()
        except Invalid:
            return set()

    def put_resource(
        self, schedule: Schedule, site: Site, before: dict[str, Any] | None, wanted: dict[str, Any]
    ) -> Process:
        """Creates or updates the stack set and waits for every operation: instances that go, then those that come."""
        name = as_text(wanted["StackSetName"])
        targets = _targets_of(wanted)
        old: dict[Target, None] = {}
        if before is None:
            id = site.request("cloudformation", "CreateStackSet", **self._request(wanted))["StackSetId"]
        else:
            id = site.request("cloudformation", "DescribeStackSet", StackSetName=name)["StackSet"]["StackSetId"]
            old = _targets_of(before)
            for group in _groups(target for target in old if target not in targets):
                gone = {**group, "OperationPreferences": wanted.get("OperationPreferences", {})}
                yield from self._wait(
                    schedule, site, "DeleteStackInstances", StackSetName=name, RetainStacks=False, **gone
                )
            own, own_before = self._request(wanted), self._request(before)
            if own != own_before:
                own["OperationPreferences"] = wanted.get("OperationPreferences", {})
                yield from self._wait(schedule, site, "UpdateStackSet", **own)
        for group in _groups(target for target in targets if target not in old):
            come = {**group, "OperationPreferences": wanted.get("OperationPreferences", {})}
            yield from self._wait(schedule, site, "CreateStackInstances", StackSetName=name, **come)
        return Created(id, {"StackSetId": id})

    def delete_resource(self, schedule: Schedule, site: Site, id: str, before: dict[str, Any]) -> Process:
        if not any(id == known.id for known in self.stack_sets.values()):
            return
        for group in _groups(_targets_of(before)):
            gone = {**group, "OperationPreferences": before.get("OperationPreferences", {})}
            yield from self._wait(schedule, site, "DeleteStackInstances", StackSetName=id, RetainStacks=False, **gone)
        site.request("cloudformation", "DeleteStackSet", StackSetName=id)

    def _request(self, wanted: dict[str, Any]) -> dict[str, Any]:
        own = {
            key: value for key, value in wanted.items() if key not in ("StackInstancesGroup", "OperationPreferences")
        }
        if "TemplateURL" in own:
            text = own["TemplateURL"]["text"]
            own["TemplateURL"] = PACKAGES + digest("package", text, length=32)
            self.packages[own["TemplateURL"]] = text
        return own

    def _wait(self, schedule: Schedule, site: Site, action: str, **parameters: Any) -> Process:
        """Asks for an operation and takes part in it until its end."""
        if not parameters.get("OperationPreferences"):
            parameters.pop("OperationPreferences", None)
        known = self._stack_set(Caller(site.account, site.region), parameters)
        id = site.request("cloudformation", action, **parameters)["OperationId"]
        pending, self.pending = self.pending, []
        for process in pending:
            yield from process(schedule, site.path)
        operation = known.operations[id]
        if operation.described["Status"] == "FAILED":
            reasons = [f"{r['Account']}: {r['StatusReason']}" for r in operation.results if r["Status"] == "FAILED"]
            raise Refused(f"Operation {id} failed: {'; '.join(reasons)}")

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
                "template": known.template.body,
                "instances": [
                    {
                        "account": instance.account,
                        "region": instance.region,
                        "organizational_unit_id": instance.unit,
                        "status": "OUTDATED" if instance.failure else "CURRENT",
                        "reason": instance.failure,
                        "resources": {
                            name: record.created.physical_id for name, record in instance.stack.resources.items()
                        },
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
    keys = ("Description", "Capabilities", "Tags", "ManagedExecution", "Parameters")
    settings = {key: parameters[key] for key in keys if key in parameters}
    if parameters["AutoDeployment"].get("Enabled", False):
        settings["AutoDeployment"] = {"RetainStacksOnAccountRemoval": False, **parameters["AutoDeployment"]}
    elif "RetainStacksOnAccountRemoval" in parameters["AutoDeployment"]:
        raise invalid("RetainStacksOnAccountRemoval needs AutoDeployment to be enabled")
    else:
        settings["AutoDeployment"] = {"Enabled": False}
    return settings


Target = tuple[str, str, str, tuple[str, ...]]
"""A Region, a unit, and the filter of accounts below it with its accounts."""


def _targets_of(properties: dict[str, Any]) -> dict[Target, None]:
    """The targets in StackInstancesGroup one by one, as the resource's handler compares them."""
    found: dict[Target, None] = {}
    for group in properties.get("StackInstancesGroup", []):
        if extra := set(group) - {"DeploymentTargets", "Regions"}:
            raise Refused(f"The emulator does not know {sorted(extra)} of StackInstancesGroup")
        targets = group["DeploymentTargets"]
        if extra := set(targets) - {"OrganizationalUnitIds", "Accounts", "AccountFilterType"}:
            raise Refused(f"The emulator does not know {sorted(extra)} of DeploymentTargets")
        accounts = tuple(map(as_text, targets.get("Accounts", [])))
        filter = as_text(targets.get("AccountFilterType", "NONE"))
        if not targets.get("OrganizationalUnitIds"):
            raise Refused("OrganizationalUnitIds should be specified in DeploymentTargets in [SERVICE_MANAGED] model")
        for region in group["Regions"]:
            for unit in targets["OrganizationalUnitIds"]:
                target = (as_text(region), as_text(unit), filter, accounts)
                if target in found:
                    raise Refused(f"Stack instance [{unit},{region}] is duplicated")
                found[target] = None
    return found


def _groups(targets: Iterable[Target]) -> list[dict[str, Any]]:
    """As few requests as the handler makes: units with the same Region and filter go together."""
    together: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for region, unit, filter, accounts in targets:
        together.setdefault((region, filter, accounts), []).append(unit)
    return [
        {
            "Regions": [region],
            "DeploymentTargets": {"OrganizationalUnitIds": units}
            | ({"AccountFilterType": filter, "Accounts": list(accounts)} if filter != "NONE" or accounts else {}),
        }
        for (region, filter, accounts), units in together.items()
    ]


def _reason(resources: dict[str, dict[str, Any]], path: str, failed: Failed) -> str:
    """Why a stack instance failed, as AWS says it."""
    name = failed.path.removeprefix(path).strip("/")
    type = resources.get(name, {}).get("Type")
    if type is None:
        return failed.reason
    return f"ResourceLogicalId:{name}, ResourceType:{type}, ResourceStatusReason:{failed.reason}"
