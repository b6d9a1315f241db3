"""AWS Organizations, for reading: what `bailiwick pull organization` and Terraform's data sources ask."""

from __future__ import annotations

from typing import Any

from .aws import AwsError, Caller, paged
from .organization import Account, Organization, Unit

SSO_PRINCIPAL = "sso.amazonaws.com"
STACK_SETS_PRINCIPAL = "member.org.stacksets.cloudformation.amazonaws.com"

# What any member may ask; the rest is for the management account and for delegated administrators.
OPEN_TO_MEMBERS = {"DescribeOrganization"}


class Organizations:
    service = "organizations"

    def __init__(self, organization: Organization, page_size: int):
        self.organization = organization
        self.page_size = page_size

    def authorize(self, caller: Caller, action: str, parameters: dict[str, Any]) -> None:
        known = self.organization
        allowed = {known.management_account, known.delegated_administrator, known.stack_sets_administrator}
        if caller.account not in allowed and action not in OPEN_TO_MEMBERS:
            raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.", 400)

    def describe_organization(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self.organization
        management = known.accounts[known.management_account]
        return {
            "Organization": {
                "Id": known.id,
                "Arn": f"arn:aws:organizations::{management.id}:organization/{known.id}",
                "FeatureSet": "ALL",
                "MasterAccountArn": known.arn("account", management.id),
                "MasterAccountId": management.id,
                "MasterAccountEmail": management.email,
                "AvailablePolicyTypes": [],
            }
        }

    def list_roots(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        root = self.organization.units[self.organization.root]
        described = {"Id": root.id, "Arn": self.organization.arn("root", root.id), "Name": root.name, "PolicyTypes": []}
        return paged("Roots", [described], parameters, self.page_size)

    def list_accounts(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        accounts = [self._account(account) for account in self.organization.accounts.values()]
        return paged("Accounts", accounts, parameters, self.page_size)

    def list_accounts_for_parent(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        parent = self._parent(parameters["ParentId"])
        accounts = [self._account(a) for a in self.organization.accounts.values() if a.parent == parent]
        return paged("Accounts", accounts, parameters, self.page_size)

    def list_organizational_units_for_parent(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        parent = self._parent(parameters["ParentId"])
        units = [self._unit(unit) for unit in self.organization.units.values() if unit.parent == parent]
        return paged("OrganizationalUnits", units, parameters, self.page_size)

    def list_children(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        parent = self._parent(parameters["ParentId"])
        members = self.organization.accounts if parameters["ChildType"] == "ACCOUNT" else self.organization.units
        children = [{"Id": m.id, "Type": parameters["ChildType"]} for m in members.values() if m.parent == parent]
        return paged("Children", children, parameters, self.page_size)

    def list_parents(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        child = parameters["ChildId"]
        known = self.organization.accounts.get(child) or self.organization.units.get(child)
        if known is None or known.parent is None:
            raise AwsError("ChildNotFoundException", "You specified a child that doesn't exist.")
        kind = "ROOT" if known.parent == self.organization.root else "ORGANIZATIONAL_UNIT"
        return {"Parents": [{"Id": known.parent, "Type": kind}]}

    def describe_account(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        account = self.organization.accounts.get(parameters["AccountId"])
        if account is None:
            raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
        return {"Account": self._account(account)}

    def describe_organizational_unit(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        unit = self.organization.units.get(parameters["OrganizationalUnitId"])
        if unit is None or unit.parent is None:
            raise AwsError("OrganizationalUnitNotFoundException", "You specified an OU that doesn't exist.")
        return {"OrganizationalUnit": self._unit(unit)}

    def list_tags_for_resource(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        resource = parameters["ResourceId"]
        account = self.organization.accounts.get(resource)
        if account is None and resource not in self.organization.units:
            raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")
        tags = [{"Key": key, "Value": value} for key, value in (account.tags if account else {}).items()]
        return paged("Tags", tags, parameters, self.page_size)

    def list_delegated_administrators(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("ServicePrincipal")
        registered = {
            SSO_PRINCIPAL: self.organization.delegated_administrator,
            STACK_SETS_PRINCIPAL: self.organization.stack_sets_administrator,
        }
        ids = {id for principal, id in registered.items() if id and wanted in (None, principal)}
        administrators = [self._account(a) for a in self.organization.accounts.values() if a.id in ids]
        return paged("DelegatedAdministrators", administrators, parameters, self.page_size)

    def list_aws_service_access_for_organization(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        enabled = [{"ServicePrincipal": SSO_PRINCIPAL}, {"ServicePrincipal": STACK_SETS_PRINCIPAL}]
        return paged("EnabledServicePrincipals", enabled, parameters, self.page_size)

    def _parent(self, id: str) -> str:
        if id not in self.organization.units:
            raise AwsError("ParentNotFoundException", "You specified a parent that doesn't exist.")
        return id

    def _account(self, account: Account) -> dict[str, Any]:
        return {
            "Id": account.id,
            "Arn": self.organization.arn("account", account.id),
            "Name": account.name,
            "Email": account.email,
            "Status": account.status,
            "State": account.status,
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": 1704067200,
        }

    def _unit(self, unit: Unit) -> dict[str, Any]:
        return {"Id": unit.id, "Arn": self.organization.arn("ou", unit.id), "Name": unit.name}
