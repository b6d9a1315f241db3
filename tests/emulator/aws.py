"""The wire: service models, validation, paging and errors, the same for every service written here.

Requests are checked against AWS's own service models (as shipped with botocore): required members, lengths, patterns
and enumerations. So what the real API refuses because of its shape is refused here without a rule of our own.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import Any

import regex
from botocore import xform_name
from moto.core.utils import get_service_model


class AwsError(Exception):
    """An error as AWS answers it: a code of the service model, a message, and an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Caller:
    """Who asks, as the signature of the request says."""

    account: str
    region: str

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account}:root"


@functools.cache
def operation(service: str, action: str):
    """The operation's model, or None where the service has no such action."""
    model = get_service_model(service)
    return model.operation_model(action) if action in model.operation_names else None


method_name = functools.lru_cache(maxsize=None)(xform_name)


@functools.cache
def _pattern(text: str):
    # As in Java, `\w` and `\d` are ASCII. Patterns with `\p{…}` mean Unicode, and none of them uses `\w`.
    return regex.compile(text, 0 if r"\p" in text else regex.ASCII)


def validate(shape, value: Any, where: str = "") -> None:
    """Raises the ValidationException that AWS's front end answers before the service sees the request."""
    broken = _constraint_broken(shape, value)
    if broken:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: "
            f"Member must {broken}",
        )
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                raise AwsError(
                    "ValidationException",
                    f"1 validation error detected: Value null at '{_join(where, name)}' failed to satisfy constraint: "
                    "Member must not be null",
                )
        for name, member in shape.members.items():
            if name in value and value[name] is not None:
                validate(member, value[name], _join(where, name))
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            validate(shape.member, item, f"{where}.{index + 1}.member")


def _join(where: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{where}.{member}" if where else member


def _constraint_broken(shape, value: Any) -> str | None:
    rules = shape.metadata
    if shape.type_name in ("string", "list", "map", "blob"):
        if "min" in rules and len(value) < rules["min"]:
            return f"have length greater than or equal to {rules['min']}"
        if "max" in rules and len(value) > rules["max"]:
            return f"have length less than or equal to {rules['max']}"
    if shape.type_name == "string":
        if "pattern" in rules and not _pattern(rules["pattern"]).fullmatch(value):
            return f"satisfy regular expression pattern: {rules['pattern']}"
        if rules.get("enum") and value not in rules["enum"]:
            return f"satisfy enum value set: [{', '.join(rules['enum'])}]"
    return None


def page(items: list, parameters: dict[str, Any], size: int) -> tuple[list, str | None]:
    """One page of at most `size` items, fewer where MaxResults asks for fewer, and the token of the next page."""
    token = parameters.get("NextToken")
    if token is not None and not token.startswith("page-"):
        raise AwsError("ValidationException", "The provided token is not valid")
    start = int(token.removeprefix("page-")) if token else 0
    end = start + min(size, parameters.get("MaxResults") or size)
    return items[start:end], f"page-{end}" if end < len(items) else None


def paged(key: str, items: list, parameters: dict[str, Any], size: int) -> dict[str, Any]:
    """The answer of a listing: one page under `key`, with NextToken where more follows."""
    items, token = page(items, parameters, size)
    return {key: items, "NextToken": token} if token else {key: items}


def digest(*parts: str, length: int) -> str:
    """Hexadecimal digits that are a function of `parts` alone, so that two runs of a test see the same identifiers."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def uuid(*parts: str) -> str:
    """Like `digest`, in the form of a UUID."""
    hexadecimal = digest(*parts, length=32)
    return "-".join((hexadecimal[:8], hexadecimal[8:12], hexadecimal[12:16], hexadecimal[16:20], hexadecimal[20:]))
