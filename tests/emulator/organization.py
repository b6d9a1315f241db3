"""The organization: accounts and organizational units, and who administers what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ACTIVE = "ACTIVE"


@dataclass
class Account:
    id: str
    name: str
    parent: str
    status: str = ACTIVE
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.id}@example.com"


@dataclass
class Unit:
    """An organizational unit, or the root: the one unit that has no parent."""

    id: str
    name: str
    parent: str | None


class Organization:
    """The tree, indexed by id. Order is the order of the world file."""

    def __init__(self, world: dict[str, Any]):
        self.id: str = world.get("organization_id", "o-emulated00")
        self.management_account: str = world.get("management_account", "111111111111")
        self.delegated_administrator: str | None = world.get("delegated_administrator")
        self.stack_sets_administrator: str | None = world.get("stack_sets_administrator")
        self.accounts: dict[str, Account] = {}
        self.units: dict[str, Unit] = {}
        root = world.get("root") or {
            "id": "r-root",
            "accounts": [{"id": self.management_account, "name": "management"}],
        }
        self.root: str = root["id"]
        self._add_unit({"name": "Root", **root}, None)
        if self.management_account not in self.accounts:
            raise ValueError(f"the management account {self.management_account} is not in the tree")

    def _add_unit(self, unit: dict[str, Any], parent: str | None) -> None:
        if unit["id"] in self.units:
            raise ValueError(f"the id {unit['id']} stands twice in the tree")
        self.units[unit["id"]] = Unit(unit["id"], unit["name"], parent)
        for account in unit.get("accounts", []):
            self.add_account(parent=unit["id"], **account)
        for child in unit.get("organizational_units", []):
            self._add_unit(child, unit["id"])

    def add_account(self, **account: Any) -> Account:
        if account["id"] in self.accounts:
            raise ValueError(f"the account {account['id']} exists already")
        if account["parent"] not in self.units:
            raise ValueError(f"there is no organizational unit {account['parent']}")
        added = Account(**account)
        self.accounts[added.id] = added
        return added

    def arn(self, kind: str, id: str) -> str:
        return f"arn:aws:organizations::{self.management_account}:{kind}/{self.id}/{id}"

    def ancestors(self, unit: str) -> Iterator[str]:
        """The unit itself, then every unit above it, up to the root."""
        current: str | None = unit
        while current is not None:
            yield current
            current = self.units[current].parent

    def contains(self, unit: str, account: Account) -> bool:
        return unit in self.ancestors(account.parent)

    def is_active(self, account: str) -> bool:
        return account in self.accounts and self.accounts[account].status == ACTIVE

    def reached_by_stack_sets(self, unit: str) -> list[Account]:
        """Active accounts below the unit; never the management account, wherever it stands."""
        return [
            account
            for account in self.accounts.values()
            if account.status == ACTIVE and account.id != self.management_account and self.contains(unit, account)
        ]

    def dump(self) -> dict[str, Any]:
        return {
            account.id: {
                "name": account.name,
                "parent": account.parent,
                "status": account.status,
                "tags": account.tags,
            }
            for account in self.accounts.values()
        }
