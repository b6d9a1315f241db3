"""Templates: read as CloudFormation reads them, refused where it refuses them before a stack starts, and evaluated.

YAML is YAML 1.1 as AWS has it: no time stamps (so `Version: 2012-10-17` is text), no aliases, no merges, no `null`.
`012` is the number ten and `yes` is true: what should have been quoted arrives broken, as it would on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import regex
import yaml

INLINE_BYTES = 51_200
PACKAGED_BYTES = 1_000_000
RESOURCES = 500
PARAMETERS = 200
OUTPUTS = 200
MAPPINGS = 200
DESCRIPTION_BYTES = 1024
PARAMETER_BYTES = 4096

LOGICAL_ID = regex.compile(r"[A-Za-z0-9]{1,255}", regex.ASCII)
SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Resources",
    "Outputs", "Transform",
}  # fmt: skip
RESOURCE_KEYS = {
    "Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata", "Condition",
}  # fmt: skip
PARAMETER_KEYS = {
    "Type", "Default", "AllowedPattern", "AllowedValues", "MinLength", "MaxLength", "MinValue", "MaxValue", "NoEcho",
    "Description", "ConstraintDescription",
}  # fmt: skip
PARAMETER_TYPES = ("String", "Number", "CommaDelimitedList")
PSEUDO_PARAMETERS = {
    "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region", "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix",
}  # fmt: skip
SHORT_FORMS = {
    "Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Split",
    "Fn::Equals", "Fn::If", "Fn::And", "Fn::Or", "Fn::Not", "Fn::FindInMap",
}  # fmt: skip
SUBSTITUTION = regex.compile(r"\$\{(?P<literal>!)?(?P<name>[^}]*)\}")
# `Snapshot` is refused for every type that is emulated.
DELETION_POLICIES = {"Delete", "Retain", "RetainExceptOnCreate"}


class Invalid(Exception):
    """What ValidateTemplate answers, or CreateStack before it creates anything."""


# Reading --------------------------------------------------------------------------------------------------------------


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """PyYAML's YAML 1.1, with the scalars of AWS's own reader."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge"))]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
# `1e3`, which PyYAML takes for text and AWS's reader for a number.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", regex.compile(r"[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$"), list("-+0123456789")
)

_PLAIN = "tag:yaml.org,2002:"


def read(text: str) -> dict[str, Any]:
    """A template's text, JSON or YAML, with its short tags spelled out."""
    if text.lstrip().startswith("{"):
        try:
            value = json.loads(text, object_pairs_hook=_unique)
        except ValueError as error:
            raise Invalid(f"Template format error: JSON not well-formed. ({error})") from None
    else:
        loader = None
        try:
            loader = _Loader(text)
            node = loader.get_single_node()
            value = None if node is None else _Reader(loader).value(node)
        except yaml.YAMLError as error:
            raise Invalid(f"Template format error: YAML not well-formed. ({error})") from None
        finally:
            if loader is not None:
                loader.dispose()
    if not isinstance(value, dict):
        raise Invalid("Template format error: unsupported structure.")
    _refuse_null(value, "")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid(f"Template format error: a key stands twice in {[key for key, _ in pairs]}")
    return found


def _refuse_null(value: Any, where: str) -> None:
    if value is None:
        raise Invalid(f"Template format error: [{where}] 'null' values are not allowed in templates")
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        _refuse_null(item, f"{where}/{key}")


class _Reader:
    def __init__(self, loader: Any):
        self.loader = loader
        self.seen: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if id(node) in self.seen:
            raise Invalid("Template error: YAML aliases are not allowed in CloudFormation templates")
        self.seen.add(id(node))
        if node.tag.startswith("!"):
            return self._short_form(node)
        return self._plain(node)

    def _plain(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return _unique([(self._key(key), self.value(value)) for key, value in node.value])
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        match node.tag.removeprefix(_PLAIN):
            case "str":
                return node.value
            case "int":
                return self.loader.construct_yaml_int(node)
            case "float":
                return self.loader.construct_yaml_float(node)
            case "bool":
                return self.loader.construct_yaml_bool(node)
            case "null":
                return None
        raise Invalid(f"Template format error: the tag {node.tag} is not supported")

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag.startswith("!"):
            raise Invalid("Template format error: a key is not text")
        return as_text(self._plain(node))

    def _short_form(self, node: yaml.Node) -> dict[str, Any]:
        name = node.tag.removeprefix("!")
        name = name if name in SHORT_FORMS else f"Fn::{name}"
        if name not in SHORT_FORMS:
            raise Invalid(f"Template format error: the emulator does not know the tag {node.tag}")
        if isinstance(node, yaml.ScalarNode):
            argument = node.value
            if name == "Fn::GetAtt":
                resource, _, attribute = argument.partition(".")
                return {name: [resource, attribute]}
            return {name: argument}
        if isinstance(node, yaml.MappingNode):
            return {name: _unique([(self._key(key), self.value(value)) for key, value in node.value])}
        return {name: [self.value(item) for item in node.value]}


def as_text(value: Any) -> str:
    """A scalar where CloudFormation wants text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


# Checking -------------------------------------------------------------------------------------------------------------


@dataclass
class Template:
    """A template that CloudFormation accepts; what it evaluates to depends on the stack."""

    text: str
    body: dict[str, Any]
    folder: str
    """The folder of its file, against which `aws cloudformation package` resolves local paths."""
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    mappings: dict[str, Any] = field(default_factory=dict)

    def types(self) -> set[str]:
        return {resource["Type"] for resource in self.resources.values()}


def parse(text: str, limit: int, types: Callable[[str], Any], folder: str = "") -> Template:
    """Reads and checks a template; `types` gives what is known of a resource type, or None."""
    size = len(text.encode())
    if size > limit:
        raise Invalid(f"Template may not exceed {limit} bytes in size, and has {size}.")
    body = read(text)
    for section in body:
        if section not in SECTIONS:
            raise Invalid(f"Invalid template property or properties [{section}]")
    if "Transform" in body:
        raise Invalid("The emulator has no transforms")
    if body.get("AWSTemplateFormatVersion", "2010-09-09") != "2010-09-09":
        raise Invalid("Template format error: Template format version is not supported")
    if len(as_text(body.get("Description", "")).encode()) > DESCRIPTION_BYTES:
        raise Invalid(f"Template format error: 'Description' length is greater than {DESCRIPTION_BYTES}.")
    template = Template(
        text,
        body,
        folder,
        parameters=_section(body, "Parameters", PARAMETERS),
        resources=_section(body, "Resources", RESOURCES),
        outputs=_section(body, "Outputs", OUTPUTS),
        conditions=_section(body, "Conditions", None),
        mappings=_section(body, "Mappings", MAPPINGS),
    )
    if not template.resources:
        raise Invalid("Template format error: At least one Resources member must be defined.")
    _check_parameters(template)
    for name, resource in template.resources.items():
        _check_resource(template, name, resource, types)
    for name, output in template.outputs.items():
        if not isinstance(output, dict) or "Value" not in output:
            raise Invalid(f"Template format error: Every Outputs member must contain a Value object: {name}")
        if unknown := set(output) - {"Value", "Export", "Description", "Condition"}:
            raise Invalid(f"Template format error: Invalid output property {sorted(unknown)} of {name}")
        if "Export" in output and set(output["Export"]) != {"Name"}:
            raise Invalid(f"Template format error: Output {name} is malformed: Export has a Name")
        _check_condition(template, output.get("Condition"), name)
    _check_references(template, types)
    _check_cycles(template)
    return template


def _section(body: dict[str, Any], name: str, limit: int | None) -> dict[str, Any]:
    section = body.get(name, {})
    if not isinstance(section, dict):
        raise Invalid(f"Template format error: [/{name}] expects an object")
    if limit is not None and len(section) > limit:
        raise Invalid(f"Template format error: Number of {name.lower()}, {len(section)}, is greater than {limit}")
    for key in section:
        if not LOGICAL_ID.fullmatch(key):
            raise Invalid(f"Template format error: {name} name {key} is non alphanumeric, empty or too long.")
    return section


def _check_parameters(template: Template) -> None:
    for name, parameter in template.parameters.items():
        if not isinstance(parameter, dict) or unknown_key(parameter, PARAMETER_KEYS):
            raise Invalid(f"Invalid template parameter property of {name}")
        if parameter.get("Type") not in PARAMETER_TYPES:
            raise Invalid(f"Template format error: Unrecognized parameter type: {parameter.get('Type')}")
        if "Default" in parameter:
            check_value(name, parameter, as_text(parameter["Default"]))


def unknown_key(value: dict[str, Any], known: set[str]) -> str | None:
    return next((key for key in value if key not in known), None)


def check_value(name: str, parameter: dict[str, Any], value: str) -> None:
    """Raises unless the parameter may have this value."""
    why = f"Parameter {name} failed to satisfy constraint: "
    explained = parameter.get("ConstraintDescription")
    pattern = parameter.get("AllowedPattern")
    if pattern is not None and not regex.fullmatch(pattern, value):
        raise Invalid(f"Parameter '{name}' must match pattern {explained or pattern}: {value!r}")
    if "AllowedValues" in parameter and value not in map(as_text, parameter["AllowedValues"]):
        raise Invalid(f"{why}{explained or 'one of ' + str(parameter['AllowedValues'])}: {value!r}")
    if len(value) < int(parameter.get("MinLength", 0)):
        raise Invalid(f"{why}{explained or 'min length'}: {value!r}")
    if len(value) > int(parameter.get("MaxLength", PARAMETER_BYTES)):
        raise Invalid(f"{why}{explained or 'max length'}: {value!r}")
    if len(value.encode()) > PARAMETER_BYTES:
        raise Invalid(f"Parameter {name} exceeds {PARAMETER_BYTES} bytes")
    if parameter["Type"] == "Number" and not regex.fullmatch(r"[-+]?\d+(\.\d+)?", value):
        raise Invalid(f"Parameter '{name}' must be a number: {value!r}")


def _check_resource(template: Template, name: str, resource: Any, types: Callable[[str], Any]) -> None:
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise Invalid(f"Template format error: [/Resources/{name}] Every Resources member must contain a Type")
    if key := unknown_key(resource, RESOURCE_KEYS):
        raise Invalid(f"Invalid template resource property '{key}' of {name}")
    kind = types(resource["Type"])
    if kind is None:
        raise Invalid(f"Template format error: Unrecognized resource types: [{resource['Type']}]")
    properties = resource.get("Properties", {})
    if not isinstance(properties, dict):
        raise Invalid(f"Template format error: [/Resources/{name}/Properties] expects an object")
    if key := unknown_key(properties, kind.properties):
        raise Invalid(f"Properties validation failed for resource {name}: extraneous key [{key}] is not permitted")
    for key in kind.required:
        if key not in properties:
            raise Invalid(f"Properties validation failed for resource {name}: required key [{key}] not found")
    for key in ("DeletionPolicy", "UpdateReplacePolicy"):
        if resource.get(key, "Delete") not in DELETION_POLICIES:
            raise Invalid(f"Template error: {key} of {name} is not one of {sorted(DELETION_POLICIES)}")
    for other in depends_on(resource):
        if other not in template.resources or other == name:
            raise Invalid(
                f"Template format error: Unresolved resource dependencies [{other}] in {name} of the template"
            )
    _check_condition(template, resource.get("Condition"), name)


def _check_condition(template: Template, condition: Any, where: str) -> None:
    if condition is not None and condition not in template.conditions:
        raise Invalid(f"Template format error: Unresolved condition {condition} in {where}")


def depends_on(resource: dict[str, Any]) -> list[str]:
    named = resource.get("DependsOn", [])
    named = [named] if isinstance(named, str) else named
    if not isinstance(named, list) or not all(isinstance(other, str) for other in named):
        raise Invalid("Template format error: DependsOn must be a string or a list of strings.")
    return named


def references(value: Any) -> Iterator[tuple[str, str | None]]:
    """What a value refers to: names, with an attribute where it wants one."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        function, argument = _function(value)
        if function == "Ref":
            yield argument, None
        elif function == "Fn::GetAtt":
            resource, attribute = _get_att(argument)
            yield resource, attribute
        elif function == "Fn::Sub":
            text, own = _sub(argument)
            for match in SUBSTITUTION.finditer(text):
                if match["literal"] is None and match["name"].strip() not in own:
                    name, dot, attribute = match["name"].strip().partition(".")
                    yield name, attribute if dot else None
            yield from references(list(own.values()))
        else:
            for item in value.values():
                yield from references(item)


def _function(value: dict[str, Any]) -> tuple[str | None, Any]:
    if len(value) == 1:
        [(key, argument)] = value.items()
        if key == "Ref" or key.startswith("Fn::"):
            return key, argument
    elif functions := [key for key in value if key == "Ref" or key.startswith("Fn::")]:
        raise Invalid(f"Template format error: {functions} stand beside other keys")
    return None, None


def _get_att(argument: Any) -> tuple[str, str]:
    if isinstance(argument, str):
        name, _, attribute = argument.partition(".")
        return name, attribute
    if isinstance(argument, list) and len(argument) == 2 and all(isinstance(part, str) for part in argument):
        return argument[0], argument[1]
    raise Invalid("Template error: every Fn::GetAtt object requires two non-empty parameters")


def _sub(argument: Any) -> tuple[str, dict[str, Any]]:
    text, own = (
        (argument, {}) if isinstance(argument, str) else argument if isinstance(argument, list) else (None, None)
    )
    if not isinstance(text, str) or not isinstance(own, dict):
        raise Invalid("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments.")
    return text, own


def _check_references(template: Template, types: Callable[[str], Any]) -> None:
    places = [*((name, r.get("Properties", {}), True) for name, r in template.resources.items())]
    places += [(name, output, True) for name, output in template.outputs.items()]
    places += [(name, condition, False) for name, condition in template.conditions.items()]
    for where, value, resources_allowed in places:
        for name, attribute in references(value):
            if attribute is None and (name in template.parameters or name in PSEUDO_PARAMETERS):
                continue
            if name not in template.resources or not resources_allowed:
                raise Invalid(
                    f"Template format error: Unresolved resource dependencies [{name}] in {where} of the template"
                )
            kind = types(template.resources[name]["Type"])
            if attribute is not None and not kind.has_attribute(attribute):
                raise Invalid(
                    f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
                )


def dependencies(template: Template, name: str, properties: Any) -> set[str]:
    """The resources that have to be there first."""
    resource = template.resources[name]
    named = {other for other, _ in references(properties) if other in template.resources}
    return named | set(depends_on(resource))


def _check_cycles(template: Template) -> None:
    graph = {n: dependencies(template, n, r.get("Properties", {})) for n, r in template.resources.items()}
    waiting = {name: len(needed) for name, needed in graph.items()}
    needed_by: dict[str, list[str]] = {}
    for name, needed in graph.items():
        for other in needed:
            needed_by.setdefault(other, []).append(name)
    ready = [name for name, count in waiting.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for other in needed_by.get(ready.pop(), []):
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    if done < len(graph):
        cycle = sorted(name for name, count in waiting.items() if count)
        raise Invalid(f"Circular dependency between resources: [{', '.join(cycle)}]")


def parameter_values(template: Template, given: dict[str, Any]) -> dict[str, Any]:
    """The value of every parameter; a CommaDelimitedList is a list."""
    if unknown := sorted(set(given) - set(template.parameters)):
        raise Invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    if missing := [n for n, p in template.parameters.items() if "Default" not in p and n not in given]:
        raise Invalid(f"Parameters: [{', '.join(missing)}] must have values")
    values: dict[str, Any] = {}
    for name, parameter in template.parameters.items():
        value = as_text(given.get(name, parameter.get("Default")))
        check_value(name, parameter, value)
        is_list = parameter["Type"] == "CommaDelimitedList"
        values[name] = [item.strip() for item in value.split(",")] if is_list else value
    return values


# Evaluating -----------------------------------------------------------------------------------------------------------


class _NoValue:
    """What `Ref: AWS::NoValue` leaves: the property that has it is not there."""


NO_VALUE = _NoValue()


@dataclass
class Scope:
    """What intrinsic functions can see in a stack."""

    template: Template
    parameters: dict[str, Any]
    pseudo: dict[str, str]
    get: Callable[[str, str | None], Any]
    """The value of a Ref or, with an attribute, of a Fn::GetAtt to a resource."""
    import_value: Callable[[str], str]

    def holds(self, condition: str) -> bool:
        return self._test(self.template.conditions[condition])

    def _test(self, value: Any) -> bool:
        if isinstance(value, dict) and len(value) == 1:
            [(function, argument)] = value.items()
            match function:
                case "Condition" if argument in self.template.conditions:
                    return self.holds(argument)
                case "Fn::Equals":
                    left, right = (self.evaluate(side) for side in argument)
                    return as_text(left) == as_text(right)
                case "Fn::And":
                    return all([self._test(item) for item in argument])
                case "Fn::Or":
                    return any([self._test(item) for item in argument])
                case "Fn::Not":
                    return not self._test(argument[0])
        raise Invalid(f"Template error: {value} is no condition")

    def pruned(self, value: Any) -> Any:
        """The value without the branches of Fn::If that are not taken: what they refer to is waited for by nobody."""
        if isinstance(value, list):
            return [self.pruned(item) for item in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"Fn::If"}:
            condition, yes, no = value["Fn::If"]
            if condition not in self.template.conditions:
                raise Invalid(f"Template error: unresolved condition {condition} in Fn::If")
            return self.pruned(yes if self.holds(condition) else no)
        return {key: self.pruned(item) for key, item in value.items()}

    def evaluate(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self.evaluate, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        function, argument = _function(value)
        if function is None:
            evaluated = {key: self.evaluate(item) for key, item in value.items()}
            return {key: item for key, item in evaluated.items() if item is not NO_VALUE}
        match function:
            case "Ref":
                return self._ref(argument)
            case "Fn::GetAtt":
                return self.get(*_get_att(argument))
            case "Fn::Sub":
                return self._substitute(argument)
            case "Fn::ImportValue":
                return self.import_value(as_text(self.evaluate(argument)))
            case "Fn::Join":
                delimiter, items = argument
                return delimiter.join(as_text(item) for item in self.evaluate(items))
            case "Fn::Split":
                delimiter, text = argument
                return as_text(self.evaluate(text)).split(delimiter)
            case "Fn::Select":
                index, items = argument
                items = self.evaluate(items)
                index = int(self.evaluate(index))
                if not 0 <= index < len(items):
                    raise Invalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
                return items[index]
            case "Fn::FindInMap":
                name, top, second = (as_text(self.evaluate(part)) for part in argument)
                try:
                    return self.template.mappings[name][top][second]
                except KeyError:
                    raise Invalid(f"Template error: Unable to get mapping for {name}::{top}::{second}") from None
            case "Fn::If":
                return self.evaluate(self.pruned(value))
        raise Invalid(f"Template error: the emulator does not know {function}")

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        return self.get(name, None)

    def _substitute(self, argument: Any) -> str:
        text, own = _sub(argument)
        own = {name: as_text(self.evaluate(value)) for name, value in own.items()}

        def substitute(match: Any) -> str:
            if match["literal"]:
                return f"${{{match['name']}}}"
            name = match["name"].strip()
            if name in own:
                return own[name]
            resource, dot, attribute = name.partition(".")
            return as_text(self.get(resource, attribute) if dot else self._ref(name))

        return SUBSTITUTION.sub(substitute, text)
