"""Stacks: what is deployed, in which order, and what is left.

A deployment creates, updates and replaces what the new template has, every resource as soon as what it refers to or
depends on is there; then, when the whole tree of nested stacks is done, its clean-up deletes what is no longer wanted,
in the reverse order of the old templates. Clean-ups of several stacks of the tree know nothing of each other.
Nothing is rolled back: a deployment ends with its first failure.
"""

from __future__ import annotations

import inspect
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..aws import digest, uuid
from .resources import (
    KINDS,
    OPENS,
    PERMISSION_SET,
    REFUSALS,
    STACK_SET,
    Created,
    Kind,
    NestedStack,
    Site,
    StackSet,
    deletion_rank,
    missing_capability,
    reason,
)
from .schedule import Failed, Join, Process, Schedule, Task, Throttled, Turn
from .template import (
    INLINE_BYTES,
    PACKAGED_BYTES,
    Invalid,
    Scope,
    Template,
    as_text,
    dependencies,
    parameter_values,
    parse,
)

if TYPE_CHECKING:
    from ..cloud import Cloud

RETAINED = {"Retain", "RetainExceptOnCreate"}


@dataclass
class Record:
    """A resource of a stack, as it was last deployed."""

    type: str
    properties: dict[str, Any]
    created: Created
    needs: set[str]
    """What it referred to or depended on, in the template it was last deployed with."""
    deletion_policy: str
    replace_policy: str
    child: Stack | None = None

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]


@dataclass(eq=False)
class Stack:
    name: str
    account: str
    region: str
    id: str
    resources: dict[str, Record] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    nested: bool = False


@dataclass
class Leftover:
    """What a clean-up has to delete."""

    stack: Stack
    path: str
    logical_id: str
    record: Record

    @property
    def key(self) -> tuple[int, str]:
        return id(self.stack), self.logical_id


@dataclass
class Deployment:
    """What every stack of one tree shares."""

    run: Schedule
    files: dict[str, str]
    capabilities: list[str]
    leftovers: list[Leftover] = field(default_factory=list)


class CloudFormation:
    def __init__(self, cloud: Cloud, world: dict[str, Any]):
        self.cloud = cloud
        self.home_region: str = world.get("home_region", "eu-west-1")
        self.stacks: dict[tuple[str, str, str], Stack] = {}
        self.used_names: dict[tuple[str, str, str], int] = {}

    # What a test asks for -------------------------------------------------------------------------------------------

    def put(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Creates the stack, or updates it."""
        account, region = self._place(request)
        known = self.stacks.get((account, region, name))
        verb = "UPDATE" if known else "CREATE"
        limit = PACKAGED_BYTES if request.get("packaged") else INLINE_BYTES

        def deployment(run: Schedule) -> Process:
            template = self._parsed(name, request["template"], limit, "")
            stack = known or self.new_stack(name, account, region)
            given = request.get("parameters", {})
            files = {posixpath.normpath(path): text for path, text in request.get("files", {}).items()}
            yield from self.deploy(run, stack, template, given, name, request.get("capabilities", []), files)

        return self._answer(verb, request, deployment)

    def delete(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        account, region = self._place(request)
        stack = self.stacks[account, region, name]
        return self._answer("DELETE", request, lambda run: self.delete_stack(run, stack, name))

    def import_resources(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Takes resources that exist into a stack that exists."""
        account, region = self._place(request)
        stack = self.stacks[account, region, name]

        def process(run: Schedule) -> Process:
            limit = PACKAGED_BYTES if request.get("packaged") else INLINE_BYTES
            template = self._parsed(name, request["template"], limit, "")
            self._import(run, stack, template, request)
            return
            yield

        return self._answer("IMPORT", request, process)

    def _place(self, request: dict[str, Any]) -> tuple[str, str]:
        account = request.get("account", self.cloud.organization.management_account)
        return account, request.get("region", self.home_region)

    def _answer(self, verb: str, request: dict[str, Any], process: Any) -> dict[str, Any]:
        run = Schedule(request.get("assignment_limit"), request.get("hold_back", ()), request.get("slow", ()))
        failure: dict[str, Any] = {}
        try:
            run.run(process(run))
        except Failed as failed:
            failure = {"path": failed.path, "reason": failed.reason}
        except Throttled as throttled:
            failure = {"path": "", "reason": str(throttled)}
        return {
            "status": f"{verb}_{'FAILED' if failure else 'COMPLETE'}",
            "path": None,
            "reason": None,
            **failure,
            "events": run.events,
            "left_behind": run.left_behind,
            "peak": run.peak,
            "rounds": run.round,
        }

    def _parsed(self, path: str, text: str, limit: int, folder: str) -> Template:
        try:
            return parse(text, limit, KINDS.get, folder)
        except Invalid as error:
            raise Failed(path, str(error)) from None

    def new_stack(self, name: str, account: str, region: str, nested: bool = False) -> Stack:
        key = (account, region, name)
        self.used_names[key] = self.used_names.get(key, 0) + 1
        id = uuid("stack", *key, str(self.used_names[key]))
        stack = Stack(name, account, region, f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{id}")
        stack.nested = nested
        self.stacks[key] = stack
        return stack

    # Deploying ------------------------------------------------------------------------------------------------------

    def deploy(
        self,
        run: Schedule,
        stack: Stack,
        template: Template,
        given: dict[str, Any],
        path: str,
        capabilities: list[str],
        files: dict[str, str],
    ) -> Process:
        """Deploys a stack that is nested in none, its clean-up included."""
        deployment = Deployment(run, files, capabilities)
        yield from self._update(deployment, stack, template, given, path)
        yield from self._clean_up(deployment)

    def _update(
        self, deployment: Deployment, stack: Stack, template: Template, given: dict[str, Any], path: str
    ) -> Process:
        try:
            update = Update(self, deployment, stack, template, given, path)
        except Invalid as error:
            raise Failed(path, str(error)) from None
        yield from update.process()

    def _clean_up(self, deployment: Deployment) -> Process:
        tasks: dict[tuple[int, str], Task] = {}
        dependents = _dependents(deployment.leftovers)
        for leftover in _dependents_first(deployment.leftovers):
            waits = tuple(tasks[other.key] for other in dependents.get(leftover.key, []))
            tasks[leftover.key] = deployment.run.spawn(self._clean(deployment.run, leftover, waits))
        if tasks:
            yield Join(tuple(tasks.values()))

    def _clean(self, run: Schedule, leftover: Leftover, waits: tuple[Task, ...]) -> Process:
        if waits:
            yield Join(waits)
        try:
            # In a process of its own, so that what it has begun ends with it when it fails.
            yield Join((run.spawn(self._delete(run, leftover.stack, leftover)),))
        except Failed as failed:
            # The clean-up of an update does not fail it: what cannot be deleted stays, owned by no stack.
            run.left_behind.append({"path": failed.path, "type": leftover.record.type, "reason": failed.reason})

    def delete_stack(self, run: Schedule, stack: Stack, path: str) -> Process:
        for name in stack.exports:
            self._require_unused(stack, name, f"{path}", "delete")
        items = [Leftover(stack, f"{path}/{name}", name, record) for name, record in stack.resources.items()]
        tasks: dict[tuple[int, str], Task] = {}
        dependents = _dependents(items)
        for item in _dependents_first(items):
            waits = tuple(tasks[other.key] for other in dependents.get(item.key, []))
            tasks[item.key] = run.spawn(self._delete_member(run, item, waits))
        if tasks:
            yield Join(tuple(tasks.values()))
        del self.stacks[stack.account, stack.region, stack.name]

    def _delete_member(self, run: Schedule, item: Leftover, waits: tuple[Task, ...]) -> Process:
        if waits:
            yield Join(waits)
        if item.record.deletion_policy not in RETAINED:
            yield from self._delete(run, item.stack, item)
        del item.stack.resources[item.logical_id]

    def _delete(self, run: Schedule, stack: Stack, item: Leftover) -> Process:
        record = item.record
        yield Turn(deletion_rank(self.rank(record.kind, record.properties)), item.path)
        run.event(item.path, record.type, "DELETE_IN_PROGRESS")
        try:
            yield from self._delete_resource(run, stack, item)
        except REFUSALS as error:
            run.event(item.path, record.type, "DELETE_FAILED", reason(error))
            raise Failed(item.path, reason(error)) from None
        run.event(item.path, record.type, "DELETE_COMPLETE")

    def _delete_resource(self, run: Schedule, stack: Stack, item: Leftover) -> Process:
        record = item.record
        site = self._site(stack, item.logical_id, item.path)
        if record.child is not None:
            yield from self.delete_stack(run, record.child, item.path)
        elif record.type == StackSet.type:
            yield from self.cloud.stack_sets.delete_resource(run, site, record.created.physical_id, record.properties)
        else:
            step = record.kind.delete(site, record.created.physical_id, record.properties)
            if inspect.isgenerator(step):
                yield from step

    def _site(self, stack: Stack, logical_id: str, path: str) -> Site:
        return Site(self.cloud, stack.account, stack.region, stack.name, logical_id, path)

    def rank(self, kind: Kind, properties: dict[str, Any]) -> int:
        """A set of stacks opens more resources like a nested stack, unless policies are all it holds."""
        if kind.type == StackSet.type:
            types = self.cloud.stack_sets.types_of(properties)
            return OPENS if any(KINDS[type].rank <= PERMISSION_SET for type in types) else STACK_SET
        return kind.rank

    # Exports --------------------------------------------------------------------------------------------------------

    def exported(self, stack: Stack, name: str) -> str | None:
        for other in self._neighbours(stack):
            if name in other.exports:
                return other.exports[name]
        return None

    def _neighbours(self, stack: Stack) -> Iterable[Stack]:
        place = (stack.account, stack.region)
        return (other for other in self.stacks.values() if (other.account, other.region) == place)

    def _require_unused(self, stack: Stack, name: str, path: str, verb: str) -> None:
        for other in self._neighbours(stack):
            if name in other.imports and other is not stack:
                raise Failed(path, f"Cannot {verb} export {name} as it is in use by {other.name}.")

    def set_exports(self, stack: Stack, exports: dict[str, str], path: str) -> None:
        for name, value in stack.exports.items():
            if name not in exports:
                self._require_unused(stack, name, path, "delete")
            elif exports[name] != value:
                self._require_unused(stack, name, path, "update")
        for name in exports:
            for other in self._neighbours(stack):
                if other is not stack and name in other.exports:
                    raise Failed(path, f"Export with name {name} is already exported by stack {other.name}")
        stack.exports = exports

    # Importing ------------------------------------------------------------------------------------------------------

    def _import(self, run: Schedule, stack: Stack, template: Template, request: dict[str, Any]) -> None:
        deployment = Deployment(run, request.get("files", {}), request.get("capabilities", []))
        wanted = {item["logical_id"]: item["identifier"] for item in request["resources"]}
        path = stack.name
        try:
            update = Update(self, deployment, stack, template, request.get("parameters", {}), path)
            if set(update.live) != set(stack.resources) | set(wanted) or set(wanted) & set(stack.resources):
                raise Failed(
                    path, "The template of an import has the stack's resources and those to import, and no other"
                )
            # Nothing is imported unless everything else is as it was.
            for name, record in stack.resources.items():
                if update.properties(name) != record.properties:
                    raise Failed(f"{path}/{name}", "You have attempted to update resources along with an import")
            for name, identifier in wanted.items():
                self._import_one(update, name, identifier, f"{path}/{name}")
            update.finish()
        except Invalid as error:
            raise Failed(path, str(error)) from None

    def _import_one(self, update: Update, name: str, identifier: dict[str, str], path: str) -> None:
        resource = update.live[name]
        if "DeletionPolicy" not in resource:
            raise Failed(path, "Resources to import must have a DeletionPolicy in the template")
        kind = KINDS[resource["Type"]]
        properties = update.properties(name)
        try:
            found = kind.find(self._site(update.stack, name, path), identifier, properties)
        except REFUSALS as error:
            raise Failed(path, reason(error)) from None
        for other in self.stacks.values():
            for record in other.resources.values():
                if (record.type, record.created.physical_id) == (kind.type, found.physical_id):
                    raise Failed(path, f"{found.physical_id} belongs to the stack {other.name} already")
        update.keep(name, properties, found, None)
        update.deployment.run.event(path, kind.type, "IMPORT_COMPLETE")

    # What tests see -------------------------------------------------------------------------------------------------

    def dump(self) -> list[dict[str, Any]]:
        return [
            {
                "name": stack.name,
                "account": stack.account,
                "region": stack.region,
                "nested": stack.nested,
                "outputs": stack.outputs,
                "exports": stack.exports,
                "imports": sorted(stack.imports),
                "resources": {
                    name: {
                        "type": record.type,
                        "physical_id": record.created.physical_id,
                        "properties": record.properties,
                    }
                    for name, record in stack.resources.items()
                },
            }
            for _, stack in sorted(self.stacks.items())
        ]


class Update:
    """One stack's way from the template it has to the one it gets."""

    def __init__(
        self,
        engine: CloudFormation,
        deployment: Deployment,
        stack: Stack,
        template: Template,
        given: dict[str, Any],
        path: str,
    ):
        if needed := missing_capability(template.resources, deployment.capabilities, KINDS.get):
            raise Invalid(f"Requires capabilities : [{needed}]")
        self.engine = engine
        self.deployment = deployment
        self.stack = stack
        self.template = template
        self.path = path
        self.imports: dict[str, str] = {}
        pseudo = {
            "AWS::AccountId": stack.account,
            "AWS::Partition": "aws",
            "AWS::Region": stack.region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        values = parameter_values(template, given)
        self.scope = Scope(template, values, pseudo, self._value_of, self._imported)
        self.live = {
            name: {**resource, "Properties": self.scope.pruned(resource.get("Properties", {}))}
            for name, resource in template.resources.items()
            if "Condition" not in resource or self.scope.holds(resource["Condition"])
        }
        self.needs = {
            name: dependencies(template, name, resource["Properties"]) & set(self.live)
            for name, resource in self.live.items()
        }
        for name, resource in self.live.items():
            known = stack.resources.get(name)
            if known is not None and known.type != resource["Type"]:
                raise Invalid(
                    f"Update of resource type is not permitted. The new template changes the type of [{name}]"
                )

    def order(self) -> list[str]:
        """Every resource behind what it needs."""
        done: dict[str, None] = {}
        waiting = {name: len(needed) for name, needed in self.needs.items()}
        needed_by: dict[str, list[str]] = {}
        for name, needed in self.needs.items():
            for other in needed:
                needed_by.setdefault(other, []).append(name)
        ready = [name for name, count in waiting.items() if count == 0]
        while ready:
            name = ready.pop()
            done[name] = None
            for other in needed_by.get(name, []):
                waiting[other] -= 1
                if waiting[other] == 0:
                    ready.append(other)
        return list(done)

    def process(self) -> Process:
        tasks: dict[str, Task] = {}
        for name in self.order():
            waits = tuple(tasks[other] for other in sorted(self.needs[name]))
            tasks[name] = self.deployment.run.spawn(self._put(name, waits))
        yield Join(tuple(tasks.values()))
        try:
            self.finish()
        except Invalid as error:
            raise Failed(self.path, str(error)) from None

    def finish(self) -> None:
        """What a stack does when its resources are there: outputs, exports, and the list of what has to go."""
        outputs: dict[str, str] = {}
        exports: dict[str, str] = {}
        for name, output in self.template.outputs.items():
            if "Condition" in output and not self.scope.holds(output["Condition"]):
                continue
            value = self.scope.evaluate(output["Value"])
            if not isinstance(value, (str, int, float, bool)):
                raise Invalid(f"Template format error: Output {name} is malformed: its value is no text")
            outputs[name] = as_text(value)
            if "Export" in output:
                export = as_text(self.scope.evaluate(output["Export"]["Name"]))
                if export in exports:
                    raise Invalid(f"Export with name {export} stands twice in the template")
                exports[export] = outputs[name]
        self.engine.set_exports(self.stack, exports, self.path)
        self.stack.outputs, self.stack.imports = outputs, set(self.imports)
        for name in [name for name in self.stack.resources if name not in self.live]:
            self._leave(name, self.stack.resources.pop(name), "deletion_policy")

    def _leave(self, name: str, record: Record, policy: str) -> None:
        if getattr(record, policy) not in RETAINED:
            self.deployment.leftovers.append(Leftover(self.stack, f"{self.path}/{name}", name, record))

    def _put(self, name: str, waits: tuple[Task, ...]) -> Process:
        if waits:
            yield Join(waits)
        resource = self.live[name]
        kind = KINDS[resource["Type"]]
        path = f"{self.path}/{name}"
        run = self.deployment.run
        try:
            wanted = self.properties(name)
            yield Turn(self.engine.rank(kind, wanted), path)
            if kind.type == NestedStack.type:
                yield from self._put_stack(name, wanted, path)
                return
            known = self.stack.resources.get(name)
            if known is None or known.properties == wanted:
                verb = "CREATE"
            else:
                changed = {key for key in {*known.properties, *wanted} if known.properties.get(key) != wanted.get(key)}
                verb = "REPLACE" if changed & kind.create_only else "UPDATE"
            if known is not None and verb == "CREATE":
                self.keep(name, wanted, known.created, None)
                return
            run.event(path, kind.type, f"{verb}_IN_PROGRESS")
            created = yield from self._step(kind, name, path, None if verb == "REPLACE" else known, wanted)
            if known is not None and verb == "REPLACE":
                self._leave(name, known, "replace_policy")
            self.keep(name, wanted, created, None)
            run.event(path, kind.type, f"{verb}_COMPLETE")
        except (Invalid, *REFUSALS) as error:
            run.event(path, kind.type, "FAILED", reason(error))
            raise Failed(path, reason(error)) from None

    def _step(self, kind: Kind, name: str, path: str, known: Record | None, wanted: dict[str, Any]) -> Process:
        site = self.engine._site(self.stack, name, path)
        if kind.type == StackSet.type:
            sets = self.engine.cloud.stack_sets
            before = known.properties if known else None
            return (yield from sets.put_resource(self.deployment.run, site, before, wanted))
        step = (
            kind.create(site, wanted)
            if known is None
            else kind.update(site, known.created.physical_id, known.properties, wanted)
        )
        return (yield from step) if inspect.isgenerator(step) else step

    def _put_stack(self, name: str, wanted: dict[str, Any], path: str) -> Process:
        """Creates or updates a nested stack, whose clean-up is that of the whole tree."""
        run = self.deployment.run
        source, folder = wanted["TemplateURL"]["text"], wanted["TemplateURL"]["folder"]
        template = parse(source, PACKAGED_BYTES, KINDS.get, folder)
        known = self.stack.resources.get(name)
        if known is None:
            suffix = digest("nested stack", self.stack.id, name, length=12).upper()
            child = self.engine.new_stack(
                f"{self.stack.name}-{name}-{suffix}", self.stack.account, self.stack.region, True
            )
        else:
            child = known.child
        assert child is not None
        verb = "CREATE" if known is None else "UPDATE"
        before = len(run.events)
        parameters = wanted.get("Parameters", {})
        created = Created(child.id)
        if known is None:
            run.event(path, NestedStack.type, f"{verb}_IN_PROGRESS")
            # Recorded before it is done, so that what it creates is never without a stack.
            self.keep(name, wanted, created, child)
        yield from self.engine._update(self.deployment, child, template, parameters, path)
        created.attributes = {f"Outputs.{output}": value for output, value in child.outputs.items()}
        self.keep(name, wanted, created, child)
        if any(event["path"].startswith(f"{path}/") for event in run.events[before:]) or known is None:
            run.event(path, NestedStack.type, f"{verb}_COMPLETE")

    def keep(self, name: str, properties: dict[str, Any], created: Created, child: Stack | None) -> None:
        resource = self.live[name]
        self.stack.resources[name] = Record(
            resource["Type"],
            properties,
            created,
            self.needs[name],
            resource.get("DeletionPolicy", "Delete"),
            resource.get("UpdateReplacePolicy", "Delete"),
            child,
        )

    def properties(self, name: str) -> dict[str, Any]:
        """The resource's properties as they are sent; local templates are replaced by what was packaged of them."""
        resource = self.live[name]
        wanted = self.scope.evaluate(resource["Properties"])
        _refuse_dynamic_references(wanted)
        if "TemplateURL" in wanted:
            wanted["TemplateURL"] = self._packaged(wanted["TemplateURL"])
        return wanted

    def _packaged(self, url: Any) -> dict[str, str]:
        path = posixpath.normpath(posixpath.join(self.template.folder, as_text(url)))
        if path not in self.deployment.files:
            raise Invalid(f"S3 error: there is no file {path} to package")
        return {"text": self.deployment.files[path], "folder": posixpath.dirname(path)}

    def _value_of(self, name: str, attribute: str | None) -> Any:
        known = self.stack.resources.get(name)
        if name not in self.live or known is None:
            raise Invalid(f"Template format error: Unresolved resource dependencies [{name}] in the template")
        if attribute is None:
            return known.created.physical_id
        if attribute not in known.created.attributes:
            raise Invalid(f"Output '{attribute}' not found in {name}")
        return known.created.attributes[attribute]

    def _imported(self, name: str) -> str:
        if name not in self.imports:
            value = self.engine.exported(self.stack, name)
            if value is None:
                raise Invalid(f"No export named {name} found.")
            self.imports[name] = value
            self.stack.imports = self.stack.imports | {name}
        return self.imports[name]


def _refuse_dynamic_references(value: Any) -> None:
    if isinstance(value, str) and "{{resolve:" in value:
        raise Invalid("The emulator has no dynamic references")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_dynamic_references(item)


def _dependents(items: list[Leftover]) -> dict[tuple[int, str], list[Leftover]]:
    """Of everything that is to be deleted, what needs it and has to go before it."""
    dependents: dict[tuple[int, str], list[Leftover]] = {}
    for item in items:
        for needed in item.record.needs:
            dependents.setdefault((id(item.stack), needed), []).append(item)
    return dependents


def _dependents_first(items: list[Leftover]) -> list[Leftover]:
    dependents = _dependents(items)
    by_key = {item.key: item for item in items}
    waiting = {item.key: len(dependents.get(item.key, [])) for item in items}
    ready = [item for item in items if waiting[item.key] == 0]
    ordered = []
    while ready:
        item = ready.pop()
        ordered.append(item)
        for needed in item.record.needs:
            other = by_key.get((id(item.stack), needed))
            if other is not None:
                waiting[other.key] -= 1
                if waiting[other.key] == 0:
                    ready.append(other)
    return ordered
