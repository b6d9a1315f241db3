"""The resource types: which properties they have, and what creating, updating and deleting them does.

Handlers talk to the services as the account in which the stack runs, so whatever those refuse holds here too. The
create-only properties are those of the resource types' public schemas: changing one replaces the resource.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.events.models import events_backends
from moto.iam import iam_backends
from moto.scheduler.models import scheduler_backends
from moto.sns.models import sns_backends

from .. import iam
from ..aws import AwsError, Caller, digest, operation, validate
from .schedule import Flight, Process
from .template import as_text

if TYPE_CHECKING:
    from ..cloud import Cloud

# How much harm a creation does that comes too early. Deletions are mirrored. What only opens more resources comes
# first: then all of them compete.
OPENS = 0
ASSIGNMENT = 1
PERMISSION_SET = 2
ATTRIBUTES = 3
SCHEDULE = 4
SCHEDULE_GROUP = 5
NOTIFICATION = 6
ROLE = 7
POLICY = 8
STACK_SET = 9


def deletion_rank(rank: int) -> int:
    return rank if rank == OPENS else STACK_SET + 1 - rank


class Refused(Exception):
    """Why a resource could not be created, updated or deleted."""


@dataclass
class Site:
    """Where a resource lives: the account and Region of its stack, and its name there."""

    cloud: Cloud
    account: str
    region: str
    stack: str
    logical_id: str
    path: str

    def request(self, service: str, action: str, **parameters: Any) -> dict[str, Any]:
        """Asks one of our own services, as the account of the stack."""
        caller = Caller(self.account, self.region)
        shaped = shape(service, action, parameters)
        answer = self.cloud.answerer(service, action)
        assert answer is not None, f"{service}:{action}"
        failure = None
        try:
            return self.cloud.answer(answer, caller, service, action, shaped)
        except AwsError as error:
            failure = str(error)
            raise
        finally:
            self.cloud.record(caller, service, action, shaped, failure)

    def physical_name(self, length: int = 64) -> str:
        """The name CloudFormation gives to what the template leaves without one."""
        suffix = digest("physical name", self.stack, self.logical_id, length=12).upper()
        return f"{self.stack}-{self.logical_id}"[: length - 13] + f"-{suffix}"


def shape(service: str, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters in the types of the service's model, which a template may spell as text."""
    return _shaped(operation(service, action).input_shape, parameters, action)


def _shaped(model: Any, value: Any, where: str) -> Any:
    match model.type_name:
        case "structure":
            if not isinstance(value, dict):
                raise Refused(f"Properties validation failed: {where} is no object")
            if unknown := [key for key in value if key not in model.members]:
                raise Refused(f"Properties validation failed: extraneous key {unknown} in {where} is not permitted")
            return {key: _shaped(model.members[key], item, f"{where}.{key}") for key, item in value.items()}
        case "list":
            if not isinstance(value, list):
                raise Refused(f"Properties validation failed: {where} is no list")
            return [_shaped(model.member, item, where) for item in value]
        case "map":
            return {key: _shaped(model.value, item, where) for key, item in value.items()}
        case "integer" | "long":
            return int(value)
        case "boolean":
            return as_text(value) == "true"
        case "string":
            if isinstance(value, (dict, list)):
                raise Refused(f"Properties validation failed: {where} is no text")
            return as_text(value)
    return value


@dataclass
class Created:
    """What a handler leaves behind: what Ref and Fn::GetAtt give."""

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)


class Kind:
    """A resource type. The steps return what they lead to, or a process that returns it."""

    type: str
    rank: int
    properties: set[str]
    required: tuple[str, ...] = ()
    create_only: set[str] = set()
    attributes: set[str] = set()
    named_by: str | None = None
    """Of an IAM resource, the property that gives it a name and so asks for CAPABILITY_NAMED_IAM."""

    def has_attribute(self, attribute: str) -> bool:
        return attribute in self.attributes

    def create(self, site: Site, wanted: dict[str, Any]) -> Created | Process:
        raise NotImplementedError

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created | Process:
        raise Refused(f"{self.type} cannot be updated")

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None | Process:
        raise NotImplementedError

    def find(self, site: Site, identifier: dict[str, str], wanted: dict[str, Any]) -> Created:
        """The resource that is to be imported."""
        raise Refused(f"The emulator cannot import {self.type}")


def same(identifier: dict[str, str], wanted: dict[str, Any], keys: tuple[str, ...]) -> None:
    """Raises unless the identifier has these keys, and the values that the template says."""
    if set(identifier) != set(keys):
        raise Refused(f"The identifier of the resource is {keys}, not {tuple(identifier)}")
    for key in keys:
        if key in wanted and as_text(wanted[key]) != identifier[key]:
            raise Refused(f"The template says {key} {wanted[key]!r}, the resource to import {identifier[key]!r}")


# IAM Identity Center --------------------------------------------------------------------------------------------------


class Assignment(Kind):
    type = "AWS::SSO::Assignment"
    rank = ASSIGNMENT
    identifier = ("InstanceArn", "TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")
    properties = set(identifier)
    required = identifier
    create_only = set(identifier)

    def create(self, site: Site, wanted: dict[str, Any]) -> Process:
        if self._is_there(site, wanted):
            raise Refused("Resource of type 'AWS::SSO::Assignment' already exists: Assignment already exists.")
        answer = site.request("sso-admin", "CreateAccountAssignment", **wanted)
        outcome(site, answer["AccountAssignmentCreationStatus"])
        # What it needs is looked up as it begins; that it is there shows at once, and its end comes late.
        yield Flight(site.path)
        return self._created(wanted)

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> Process:
        yield Flight(site.path)
        # Until its end the assignment is still there, and with it the role that uses policies.
        try:
            answer = site.request("sso-admin", "DeleteAccountAssignment", **before)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
        else:
            outcome(site, answer["AccountAssignmentDeletionStatus"])

    def find(self, site: Site, identifier: dict[str, str], wanted: dict[str, Any]) -> Created:
        same(identifier, wanted, self.identifier)
        if not self._is_there(site, wanted):
            raise Refused("The assignment to import does not exist")
        return self._created(wanted)

    def _created(self, wanted: dict[str, Any]) -> Created:
        return Created("|".join(as_text(wanted[key]) for key in self.identifier))

    def _is_there(self, site: Site, wanted: dict[str, Any]) -> bool:
        principal = (as_text(wanted["PrincipalType"]), as_text(wanted["PrincipalId"]))
        keys = {key: wanted[key] for key in ("InstanceArn", "PermissionSetArn")}
        pages = paged(site, "ListAccountAssignments", "AccountAssignments", **keys, AccountId=wanted["TargetId"])
        return any((found["PrincipalType"], found["PrincipalId"]) == principal for found in pages)


def paged(site: Site, action: str, key: str, **parameters: Any) -> Iterator[Any]:
    while True:
        answer = site.request("sso-admin", action, **parameters)
        yield from answer[key]
        if "NextToken" not in answer:
            return
        parameters["NextToken"] = answer["NextToken"]


def outcome(site: Site, requested: dict[str, Any]) -> None:
    """Waits for an asynchronous request of Identity Center, and raises what became of it."""
    status = site.cloud.identity_center.requests[requested["RequestId"]].status
    if status["Status"] == "FAILED":
        raise Refused(status["FailureReason"])


class PermissionSet(Kind):
    type = "AWS::SSO::PermissionSet"
    rank = PERMISSION_SET
    properties = {
        "CustomerManagedPolicyReferences", "Description", "InlinePolicy", "InstanceArn", "ManagedPolicies", "Name",
        "PermissionsBoundary", "RelayStateType", "SessionDuration", "Tags",
    }  # fmt: skip
    required = ("Name", "InstanceArn")
    create_only = {"InstanceArn", "Name"}
    attributes = {"PermissionSetArn"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        answer = site.request("sso-admin", "CreatePermissionSet", **self._own(wanted), Name=wanted["Name"])
        created = self._created(wanted, answer["PermissionSet"]["PermissionSetArn"])
        self._put_policies(site, created, {}, wanted)
        return created

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        created = self._created(wanted, id.partition("|")[2])
        keys = self._keys(created)
        own = self._own(wanted)
        tags, old_tags = own.pop("Tags", []), before.get("Tags", [])
        site.request("sso-admin", "UpdatePermissionSet", **own, PermissionSetArn=keys["PermissionSetArn"])
        arn = {"InstanceArn": keys["InstanceArn"], "ResourceArn": keys["PermissionSetArn"]}
        gone = [tag["Key"] for tag in old_tags if tag["Key"] not in {tag["Key"] for tag in tags}]
        if gone:
            site.request("sso-admin", "UntagResource", **arn, TagKeys=gone)
        if tags:
            site.request("sso-admin", "TagResource", **arn, Tags=tags)
        self._put_policies(site, created, before, wanted)
        answer = site.request("sso-admin", "ProvisionPermissionSet", **keys, TargetType="ALL_PROVISIONED_ACCOUNTS")
        outcome(site, answer["PermissionSetProvisioningStatus"])
        return created

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        instance, _, arn = id.partition("|")
        gone_is_fine(site, "DeletePermissionSet", InstanceArn=instance, PermissionSetArn=arn)

    def find(self, site: Site, identifier: dict[str, str], wanted: dict[str, Any]) -> Created:
        same(identifier, wanted, ("InstanceArn", "PermissionSetArn"))
        answer = site.request("sso-admin", "DescribePermissionSet", **identifier)
        if answer["PermissionSet"]["Name"] != wanted["Name"]:
            raise Refused(f"The permission set to import is called {answer['PermissionSet']['Name']}")
        return self._created(wanted, identifier["PermissionSetArn"])

    def _created(self, wanted: dict[str, Any], arn: str) -> Created:
        return Created(f"{as_text(wanted['InstanceArn'])}|{arn}", {"PermissionSetArn": arn})

    def _keys(self, created: Created) -> dict[str, str]:
        instance, _, arn = created.physical_id.partition("|")
        return {"InstanceArn": instance, "PermissionSetArn": arn}

    def _own(self, wanted: dict[str, Any]) -> dict[str, Any]:
        own = {key: wanted[key] for key in ("InstanceArn", "Description", "SessionDuration", "Tags") if key in wanted}
        return {**own, "RelayState": wanted["RelayStateType"]} if "RelayStateType" in wanted else own

    def _put_policies(self, site: Site, created: Created, before: dict[str, Any], wanted: dict[str, Any]) -> None:
        keys = self._keys(created)
        lists = (
            ("ManagedPolicies", "ManagedPolicy", "ManagedPolicyArn"),
            ("CustomerManagedPolicyReferences", "CustomerManagedPolicyReference", "CustomerManagedPolicyReference"),
        )
        for name, call, argument in lists:
            old, new = before.get(name, []), wanted.get(name, [])
            for item in old:
                if item not in new:
                    gone_is_fine(site, f"Detach{call}FromPermissionSet", **keys, **{argument: item})
            for index, item in enumerate(new):
                if item not in old or item in new[:index]:
                    site.request("sso-admin", f"Attach{call}ToPermissionSet", **keys, **{argument: item})
        if inline := wanted.get("InlinePolicy"):
            document = inline if isinstance(inline, str) else json.dumps(inline, separators=(",", ":"))
            site.request("sso-admin", "PutInlinePolicyToPermissionSet", **keys, InlinePolicy=document)
        elif before.get("InlinePolicy"):
            gone_is_fine(site, "DeleteInlinePolicyFromPermissionSet", **keys)
        if boundary := wanted.get("PermissionsBoundary"):
            call = "PutPermissionsBoundaryToPermissionSet"
            site.request("sso-admin", call, **keys, PermissionsBoundary=boundary)
        elif before.get("PermissionsBoundary"):
            gone_is_fine(site, "DeletePermissionsBoundaryFromPermissionSet", **keys)


def gone_is_fine(site: Site, action: str, **parameters: Any) -> None:
    try:
        site.request("sso-admin", action, **parameters)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise


class AccessControlAttributes(Kind):
    type = "AWS::SSO::InstanceAccessControlAttributeConfiguration"
    rank = ATTRIBUTES
    properties = {"AccessControlAttributes", "InstanceArn"}
    required = ("InstanceArn",)
    create_only = {"InstanceArn"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        return self._put(site, "Create", wanted)

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        return self._put(site, "Update", wanted)

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        gone_is_fine(site, "DeleteInstanceAccessControlAttributeConfiguration", InstanceArn=id)

    def find(self, site: Site, identifier: dict[str, str], wanted: dict[str, Any]) -> Created:
        same(identifier, wanted, ("InstanceArn",))
        site.request("sso-admin", "DescribeInstanceAccessControlAttributeConfiguration", **identifier)
        return Created(identifier["InstanceArn"])

    def _put(self, site: Site, verb: str, wanted: dict[str, Any]) -> Created:
        attributes = {"AccessControlAttributes": wanted.get("AccessControlAttributes", [])}
        site.request(
            "sso-admin",
            f"{verb}InstanceAccessControlAttributeConfiguration",
            InstanceArn=wanted["InstanceArn"],
            InstanceAccessControlAttributeConfiguration=attributes,
        )
        return Created(as_text(wanted["InstanceArn"]))


# IAM ------------------------------------------------------------------------------------------------------------------


def document_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


class ManagedPolicy(Kind):
    type = "AWS::IAM::ManagedPolicy"
    rank = POLICY
    properties = {"Description", "ManagedPolicyName", "Path", "PolicyDocument"}
    required = ("PolicyDocument",)
    create_only = {"ManagedPolicyName", "Description", "Path"}
    attributes = {"PolicyArn"}
    named_by = "ManagedPolicyName"

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        name = as_text(wanted.get("ManagedPolicyName", site.physical_name(128)))
        path = as_text(wanted.get("Path", "/"))
        description = as_text(wanted.get("Description", ""))
        document = document_of(wanted["PolicyDocument"])
        model = {"PolicyName": name, "Path": path, "PolicyDocument": document, "Description": description}
        validate(operation("iam", "CreatePolicy").input_shape, model)
        site.cloud.iam.create(site.account, name, path, document, description)
        return self._created(f"arn:aws:iam::{site.account}:policy{path}{name}")

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        if site.cloud.iam.policy(id) is None:
            raise Refused(f"Policy {id} does not exist or is not attachable.")
        site.cloud.iam.replace_document(id, document_of(wanted["PolicyDocument"]))
        return self._created(id)

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        if site.cloud.iam.policy(id) is not None:
            site.cloud.iam.delete(id)

    def find(self, site: Site, identifier: dict[str, str], wanted: dict[str, Any]) -> Created:
        same(identifier, wanted, ("PolicyArn",))
        arn = identifier["PolicyArn"]
        name = f"{as_text(wanted.get('Path', '/'))}{as_text(wanted.get('ManagedPolicyName', ''))}"
        if site.cloud.iam.policy(arn) is None or arn != f"arn:aws:iam::{site.account}:policy{name}":
            raise Refused(f"The policy to import, {arn}, does not exist or is not {name}")
        return self._created(arn)

    def _created(self, arn: str) -> Created:
        return Created(arn, {"PolicyArn": arn})


class Role(Kind):
    type = "AWS::IAM::Role"
    rank = ROLE
    properties = {
        "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
        "PermissionsBoundary", "Policies", "RoleName", "Tags",
    }  # fmt: skip
    required = ("AssumeRolePolicyDocument",)
    create_only = {"Path", "RoleName"}
    attributes = {"Arn", "RoleId"}
    named_by = "RoleName"

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        name = as_text(wanted.get("RoleName", site.physical_name()))
        own = shape("iam", "CreateRole", {
            "RoleName": name,
            "Path": wanted.get("Path", "/"),
            "AssumeRolePolicyDocument": document_of(wanted["AssumeRolePolicyDocument"]),
            "Description": wanted.get("Description", ""),
            "MaxSessionDuration": wanted.get("MaxSessionDuration", 3600),
            "Tags": wanted.get("Tags", []),
        })  # fmt: skip
        validate(operation("iam", "CreateRole").input_shape, own)
        role = self._backend(site).create_role(
            name,
            own["AssumeRolePolicyDocument"],
            own["Path"],
            wanted.get("PermissionsBoundary"),
            own["Description"],
            own["Tags"],
            str(own["MaxSessionDuration"]),
        )
        self._put_policies(site, name, {}, wanted)
        return Created(name, {"Arn": role.arn, "RoleId": role.id})

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        backend = self._backend(site)
        backend.update_assume_role_policy(id, document_of(wanted["AssumeRolePolicyDocument"]))
        backend.update_role(id, as_text(wanted.get("Description", "")), str(wanted.get("MaxSessionDuration", 3600)))
        self._put_policies(site, id, before, wanted)
        role = backend.get_role(id)
        return Created(id, {"Arn": role.arn, "RoleId": role.id})

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        backend = self._backend(site)
        if any(role.name == id for role in backend.get_roles()):
            self._put_policies(site, id, before, {})
            backend.delete_role(id)

    def _backend(self, site: Site) -> Any:
        return iam_backends[site.account]["aws"]

    def _put_policies(self, site: Site, name: str, before: dict[str, Any], wanted: dict[str, Any]) -> None:
        backend = self._backend(site)
        old, new = before.get("ManagedPolicyArns", []), wanted.get("ManagedPolicyArns", [])
        for arn in old:
            if arn not in new and arn not in iam.aws_managed_policies():
                backend.detach_role_policy(arn, name)
        for arn in new:
            if arn not in old and arn not in iam.aws_managed_policies():
                backend.attach_role_policy(arn, name)
        inline = {as_text(policy["PolicyName"]): policy["PolicyDocument"] for policy in wanted.get("Policies", [])}
        for policy in before.get("Policies", []):
            if as_text(policy["PolicyName"]) not in inline:
                backend.delete_role_policy(name, as_text(policy["PolicyName"]))
        for policy_name, document in inline.items():
            backend.put_role_policy(name, policy_name, document_of(document))


# Schedules, events, topics --------------------------------------------------------------------------------------------


class Schedule(Kind):
    type = "AWS::Scheduler::Schedule"
    rank = SCHEDULE
    properties = {
        "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression",
        "ScheduleExpressionTimezone", "StartDate", "State", "Target",
    }  # fmt: skip
    required = ("FlexibleTimeWindow", "ScheduleExpression", "Target")
    create_only = {"Name"}
    attributes = {"Arn"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        return self._put(site, "create_schedule", as_text(wanted.get("Name", site.physical_name())), wanted)

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        if before.get("GroupName") != wanted.get("GroupName"):
            raise Refused("The emulator does not know what changing GroupName does")
        return self._put(site, "update_schedule", id, wanted)

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        backend = self._backend(site)
        group = backend.schedule_groups.get(as_text(before.get("GroupName", "default")))
        if group is not None and id in group.schedules:
            backend.delete_schedule(group.name, id)

    def _backend(self, site: Site) -> Any:
        return scheduler_backends[site.account][site.region]

    def _put(self, site: Site, verb: str, name: str, wanted: dict[str, Any]) -> Created:
        own = shape("scheduler", "CreateSchedule", {**wanted, "Name": name})
        validate(operation("scheduler", "CreateSchedule").input_shape, own)
        group = own.get("GroupName", "default")
        if group not in self._backend(site).schedule_groups:
            raise Refused(f"Schedule group {group} does not exist.")
        # Scheduler tries the role when a schedule is created.
        role = own["Target"]["RoleArn"]
        if not any(known.arn == role for known in iam_backends[site.account]["aws"].get_roles()):
            raise Refused(f"The execution role you provide must allow AWS EventBridge Scheduler to assume it: {role}")
        arguments = {
            "description": own.get("Description"),
            "end_date": own.get("EndDate"),
            "flexible_time_window": own["FlexibleTimeWindow"],
            "group_name": group,
            "kms_key_arn": own.get("KmsKeyArn"),
            "name": name,
            "schedule_expression": own["ScheduleExpression"],
            "schedule_expression_timezone": own.get("ScheduleExpressionTimezone"),
            "start_date": own.get("StartDate"),
            "state": own.get("State", "ENABLED"),
            "target": own["Target"],
        }
        if verb == "create_schedule":
            arguments["action_after_completion"] = None
        schedule = getattr(self._backend(site), verb)(**arguments)
        return Created(name, {"Arn": schedule.arn})


class ScheduleGroup(Kind):
    type = "AWS::Scheduler::ScheduleGroup"
    rank = SCHEDULE_GROUP
    properties = {"Name", "Tags"}
    create_only = {"Name"}
    attributes = {"Arn", "State"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        own = shape("scheduler", "CreateScheduleGroup", {"Name": site.physical_name(), **wanted})
        validate(operation("scheduler", "CreateScheduleGroup").input_shape, own)
        backend = scheduler_backends[site.account][site.region]
        if own["Name"] in backend.schedule_groups:
            raise Refused(f"Schedule group {own['Name']} already exists.")
        group = backend.create_schedule_group(own["Name"], own.get("Tags", []))
        return Created(group.name, {"Arn": group.arn, "State": "ACTIVE"})

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        backend = scheduler_backends[site.account][site.region]
        group = backend.get_schedule_group(id)
        backend.tagger.delete_all_tags_for_resource(group.arn)
        backend.tag_resource(group.arn, shape("scheduler", "TagResource", {"Tags": wanted.get("Tags", [])})["Tags"])
        return Created(id, {"Arn": group.arn, "State": "ACTIVE"})

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        # The schedules of a group go with it.
        scheduler_backends[site.account][site.region].schedule_groups.pop(id, None)


class Rule(Kind):
    type = "AWS::Events::Rule"
    rank = NOTIFICATION
    properties = {"Description", "EventPattern", "Name", "RoleArn", "ScheduleExpression", "State", "Targets"}
    create_only = {"Name"}
    attributes = {"Arn"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        name = as_text(wanted.get("Name", site.physical_name()))
        if name in self._backend(site)._get_event_bus("default").rules:
            raise Refused(f"Rule {name} already exists.")
        return self._put(site, name, {}, wanted)

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        return self._put(site, id, before, wanted)

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        backend = self._backend(site)
        if id in backend._get_event_bus("default").rules:
            backend.remove_targets(id, None, [target["Id"] for target in before.get("Targets", [])])
            backend.delete_rule(id, None)

    def _backend(self, site: Site) -> Any:
        return events_backends[site.account][site.region]

    def _put(self, site: Site, name: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        own = {key: value for key, value in wanted.items() if key != "Targets"}
        own = shape("events", "PutRule", {**own, "Name": name, **_pattern(own)})
        targets = shape("events", "PutTargets", {"Rule": name, "Targets": wanted.get("Targets", [])})
        validate(operation("events", "PutRule").input_shape, own)
        if targets["Targets"]:
            validate(operation("events", "PutTargets").input_shape, targets)
        backend = self._backend(site)
        rule = backend.put_rule(
            name,
            description=own.get("Description"),
            event_pattern=own.get("EventPattern"),
            role_arn=own.get("RoleArn"),
            scheduled_expression=own.get("ScheduleExpression"),
            state=own.get("State", "ENABLED"),
        )
        kept = {target["Id"] for target in targets["Targets"]}
        backend.remove_targets(name, None, [t["Id"] for t in before.get("Targets", []) if t["Id"] not in kept])
        backend.put_targets(name, None, targets["Targets"])
        return Created(name, {"Arn": rule.arn})


def _pattern(own: dict[str, Any]) -> dict[str, str]:
    return {"EventPattern": document_of(own["EventPattern"])} if "EventPattern" in own else {}


class Topic(Kind):
    type = "AWS::SNS::Topic"
    rank = NOTIFICATION
    properties = {"DisplayName", "KmsMasterKeyId", "Subscription", "Tags", "TopicName"}
    create_only = {"TopicName"}
    attributes = {"TopicArn", "TopicName"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        name = as_text(wanted.get("TopicName", site.physical_name(256)))
        backend = sns_backends[site.account][site.region]
        if any(topic.name == name for topic in backend.topics.values()):
            raise Refused(f"Topic {name} already exists")
        arn = backend.create_topic(name, {}, {}).arn
        self._subscribe(site, arn, {}, wanted)
        return Created(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        self._subscribe(site, id, before, wanted)
        return Created(id, {"TopicArn": id, "TopicName": id.rsplit(":", 1)[1]})

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        sns_backends[site.account][site.region].delete_topic(id)

    def _subscribe(self, site: Site, arn: str, before: dict[str, Any], wanted: dict[str, Any]) -> None:
        for subscription in wanted.get("Subscription", []):
            if subscription not in before.get("Subscription", []):
                backend = sns_backends[site.account][site.region]
                backend.subscribe(arn, as_text(subscription["Endpoint"]), as_text(subscription["Protocol"]))


class TopicPolicy(Kind):
    type = "AWS::SNS::TopicPolicy"
    rank = NOTIFICATION
    properties = {"PolicyDocument", "Topics"}
    required = ("PolicyDocument", "Topics")
    attributes = {"Id"}

    def create(self, site: Site, wanted: dict[str, Any]) -> Created:
        for topic in wanted["Topics"]:
            # The attribute has to be a topic's that exists; what it says is nobody's concern here.
            sns_backends[site.account][site.region].get_topic(as_text(topic))
        name = site.physical_name(128)
        return Created(name, {"Id": name})

    def update(self, site: Site, id: str, before: dict[str, Any], wanted: dict[str, Any]) -> Created:
        return self.create(site, wanted)

    def delete(self, site: Site, id: str, before: dict[str, Any]) -> None:
        return None


# Stacks, which the engine itself deploys ------------------------------------------------------------------------------


class NestedStack(Kind):
    type = "AWS::CloudFormation::Stack"
    rank = OPENS
    properties = {"Parameters", "Tags", "TemplateURL", "TimeoutInMinutes"}
    required = ("TemplateURL",)

    def has_attribute(self, attribute: str) -> bool:
        return attribute.startswith("Outputs.")


class StackSet(Kind):
    type = "AWS::CloudFormation::StackSet"
    rank = STACK_SET
    properties = {
        "AutoDeployment", "CallAs", "Capabilities", "Description", "ManagedExecution", "OperationPreferences",
        "Parameters", "PermissionModel", "StackInstancesGroup", "StackSetName", "Tags", "TemplateBody", "TemplateURL",
    }  # fmt: skip
    required = ("PermissionModel", "StackSetName")
    create_only = {"PermissionModel", "StackSetName"}
    attributes = {"StackSetId"}


KINDS: dict[str, Kind] = {
    kind.type: kind
    for kind in (
        Assignment(), PermissionSet(), AccessControlAttributes(), ManagedPolicy(), Role(), Schedule(), ScheduleGroup(),
        Rule(), Topic(), TopicPolicy(), NestedStack(), StackSet(),
    )
}  # fmt: skip

# What the services say when they refuse: ours, and moto's.
REFUSALS: tuple[type[Exception], ...] = (Refused, AwsError, ServiceException, JsonRESTError)


def reason(error: Exception) -> str:
    return str(getattr(error, "message", None) or error)


def missing_capability(
    resources: dict[str, dict[str, Any]], capabilities: list[str], kinds: Callable[[str], Kind | None]
) -> str | None:
    """The capability that the template needs and the request does not grant."""
    needed = None
    for resource in resources.values():
        kind = kinds(resource["Type"])
        if kind is None or kind.type not in (ManagedPolicy.type, Role.type):
            continue
        if kind.named_by in resource.get("Properties", {}):
            needed = "CAPABILITY_NAMED_IAM"
        else:
            needed = needed or "CAPABILITY_IAM"
    granted = {"CAPABILITY_IAM": {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}}.get(needed or "", {needed})
    return needed if needed and not granted & set(capabilities) else None
