"""The identity store: groups and users, looked up by id, by alternate identifier and by listing."""

from __future__ import annotations

from typing import Any

from .aws import AwsError, Caller, paged
from .organization import Organization

# The attribute by which a principal is looked up, and by which it is listed with a filter.
NAME_OF = {"GROUP": "DisplayName", "USER": "UserName"}


class IdentityStore:
    service = "identitystore"

    def __init__(self, organization: Organization, world: dict[str, Any], page_size: int):
        self.organization = organization
        self.id: str = world.get("identity_store_id", "d-1234567890")
        self.page_size = page_size
        self.names: dict[str, dict[str, str]] = {
            "GROUP": {group["id"]: group["name"] for group in world.get("groups", [])},
            "USER": {user["id"]: user["name"] for user in world.get("users", [])},
        }

    def has(self, kind: str, id: str) -> bool:
        return id in self.names[kind]

    def authorize(self, caller: Caller, action: str, parameters: dict[str, Any]) -> None:
        administrators = (self.organization.management_account, self.organization.delegated_administrator)
        if caller.account not in administrators:
            raise AwsError(
                "AccessDeniedException",
                f"User: {caller.arn} is not authorized to perform: identitystore:{action}",
            )
        if parameters["IdentityStoreId"] != self.id:
            raise AwsError("ResourceNotFoundException", "IDENTITY_STORE not found.")

    def get_group_id(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"IdentityStoreId": self.id, "GroupId": self._lookup("GROUP", parameters)}

    def get_user_id(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"IdentityStoreId": self.id, "UserId": self._lookup("USER", parameters)}

    def describe_group(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._described("GROUP", parameters["GroupId"])

    def describe_user(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return self._described("USER", parameters["UserId"])

    def list_groups(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return paged("Groups", self._listed("GROUP", parameters), parameters, self.page_size)

    def list_users(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return paged("Users", self._listed("USER", parameters), parameters, self.page_size)

    def _lookup(self, kind: str, parameters: dict[str, Any]) -> str:
        unique = parameters["AlternateIdentifier"].get("UniqueAttribute")
        if unique is None or unique["AttributePath"] != NAME_OF[kind]:
            raise AwsError(
                "ValidationException", f"The only alternate identifier emulated is {NAME_OF[kind]}, spelled so."
            )
        for id, name in self.names[kind].items():
            if name == unique["AttributeValue"]:
                return id
        raise AwsError("ResourceNotFoundException", f"{kind} not found.")

    def _described(self, kind: str, id: str) -> dict[str, Any]:
        if id not in self.names[kind]:
            raise AwsError("ResourceNotFoundException", f"{kind} not found.")
        key = "GroupId" if kind == "GROUP" else "UserId"
        return {key: id, NAME_OF[kind]: self.names[kind][id], "IdentityStoreId": self.id}

    def _listed(self, kind: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        filters = parameters.get("Filters", [])
        if any(f["AttributePath"] != NAME_OF[kind] for f in filters):
            raise AwsError("ValidationException", f"The only filter is {NAME_OF[kind]}.")
        wanted = {f["AttributeValue"] for f in filters}
        return [self._described(kind, id) for id, name in self.names[kind].items() if not filters or name in wanted]
