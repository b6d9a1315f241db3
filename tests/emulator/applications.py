"""Identity Center's OAuth applications and trusted token issuers, the other half of `sso-admin`.

They are synchronous and touch no account, so this is storage with AWS's checks of existence.
"""

from __future__ import annotations

import time
from typing import Any

from .aws import AwsError, Caller, digest, paged, uuid
from .identity_center import IdentityCenter, plain_tags

CUSTOM_PROVIDER = "arn:aws:sso::aws:applicationProvider/custom"
SCOPES_PER_APPLICATION = 25


class Applications:
    def __init__(self, identity_center: IdentityCenter):
        self.identity_center = identity_center
        self.applications: dict[str, dict[str, Any]] = {}
        self.assignments: dict[str, list[tuple[str, str]]] = {}
        self.assignment_required: dict[str, bool] = {}
        self.scopes: dict[str, dict[str, list[str]]] = {}
        self.issuers: dict[str, dict[str, Any]] = {}
        self.created = 0

    def _arn(self, kind: str, id: str) -> str:
        owner = self.identity_center.organization.management_account
        return f"arn:aws:sso::{owner}:{kind}/{self.identity_center.instance_arn.rsplit('/', 1)[1]}/{id}"

    def _next(self) -> str:
        self.created += 1
        return str(self.created)

    # Applications ---------------------------------------------------------------------------------------------------

    def create_application(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters["ApplicationProviderArn"] != CUSTOM_PROVIDER:
            raise AwsError("ResourceNotFoundException", "The only application provider emulated is custom.")
        arn = self._arn("application", f"apl-{digest('application', self._next(), length=16)}")
        self.applications[arn] = {
            "ApplicationArn": arn,
            "ApplicationAccount": self.identity_center.organization.management_account,
            "ApplicationProviderArn": parameters["ApplicationProviderArn"],
            "InstanceArn": parameters["InstanceArn"],
            "Name": parameters["Name"],
            "Status": parameters.get("Status", "ENABLED"),
            "PortalOptions": {"Visibility": "ENABLED", **parameters.get("PortalOptions", {})},
            "CreatedDate": time.time(),
        }
        if "Description" in parameters:
            self.applications[arn]["Description"] = parameters["Description"]
        self.assignments[arn], self.scopes[arn], self.assignment_required[arn] = [], {}, True
        self.identity_center.tags[arn] = plain_tags(parameters.get("Tags", []))
        return {"ApplicationArn": arn}

    def describe_application(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return self.applications[self._known(parameters)]

    def update_application(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self.applications[self._known(parameters)]
        known |= {key: parameters[key] for key in ("Name", "Description", "Status") if key in parameters}
        known["PortalOptions"] |= parameters.get("PortalOptions", {})
        return {}

    def delete_application(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        arn = self._known(parameters)
        for kept in (
            self.applications,
            self.assignments,
            self.assignment_required,
            self.scopes,
            self.identity_center.tags,
        ):
            del kept[arn]
        return {}

    def list_applications(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return paged("Applications", list(self.applications.values()), parameters, self.identity_center.page_size)

    def _known(self, parameters: dict[str, Any]) -> str:
        arn = parameters["ApplicationArn"]
        if arn not in self.applications:
            raise AwsError("ResourceNotFoundException", "The application does not exist.")
        return arn

    # Who may use them -----------------------------------------------------------------------------------------------

    def create_application_assignment(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        assigned = self.assignments[self._known(parameters)]
        principal = (parameters["PrincipalType"], parameters["PrincipalId"])
        if not self.identity_center.identity_store.has(*principal):
            raise AwsError("ResourceNotFoundException", f"{principal[0]} {principal[1]} does not exist.")
        if principal in assigned:
            raise AwsError("ConflictException", "The application assignment exists already.")
        assigned.append(principal)
        return {}

    def describe_application_assignment(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        kind, id = self._assigned(parameters)
        return {"ApplicationArn": parameters["ApplicationArn"], "PrincipalType": kind, "PrincipalId": id}

    def delete_application_assignment(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        self.assignments[parameters["ApplicationArn"]].remove(self._assigned(parameters))
        return {}

    def list_application_assignments(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        arn = self._known(parameters)
        found = [
            {"ApplicationArn": arn, "PrincipalType": kind, "PrincipalId": id} for kind, id in self.assignments[arn]
        ]
        return paged("ApplicationAssignments", found, parameters, self.identity_center.page_size)

    def put_application_assignment_configuration(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        self.assignment_required[self._known(parameters)] = parameters["AssignmentRequired"]
        return {}

    def get_application_assignment_configuration(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"AssignmentRequired": self.assignment_required[self._known(parameters)]}

    def _assigned(self, parameters: dict[str, Any]) -> tuple[str, str]:
        principal = (parameters["PrincipalType"], parameters["PrincipalId"])
        if principal not in self.assignments[self._known(parameters)]:
            raise AwsError("ResourceNotFoundException", "The application assignment does not exist.")
        return principal

    # Access scopes --------------------------------------------------------------------------------------------------

    def put_application_access_scope(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        scopes = self.scopes[self._known(parameters)]
        if parameters["Scope"] not in scopes and len(scopes) >= SCOPES_PER_APPLICATION:
            raise AwsError("ServiceQuotaExceededException", "The application has too many access scopes.")
        scopes[parameters["Scope"]] = parameters.get("AuthorizedTargets", [])
        return {}

    def get_application_access_scope(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        scope = parameters["Scope"]
        scopes = self.scopes[self._known(parameters)]
        if scope not in scopes:
            raise AwsError("ResourceNotFoundException", "The access scope does not exist.")
        return _scope(scope, scopes[scope])

    def delete_application_access_scope(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        self.get_application_access_scope(caller, parameters)
        del self.scopes[parameters["ApplicationArn"]][parameters["Scope"]]
        return {}

    def list_application_access_scopes(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        found = [_scope(scope, targets) for scope, targets in self.scopes[self._known(parameters)].items()]
        return paged("Scopes", found, parameters, self.identity_center.page_size)

    # Trusted token issuers ------------------------------------------------------------------------------------------

    def create_trusted_token_issuer(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        arn = self._arn("trustedTokenIssuer", f"tti-{uuid('trusted token issuer', self._next())}")
        self.issuers[arn] = {
            "TrustedTokenIssuerArn": arn,
            "Name": parameters["Name"],
            "TrustedTokenIssuerType": parameters["TrustedTokenIssuerType"],
            "TrustedTokenIssuerConfiguration": parameters["TrustedTokenIssuerConfiguration"],
        }
        self.identity_center.tags[arn] = plain_tags(parameters.get("Tags", []))
        return {"TrustedTokenIssuerArn": arn}

    def describe_trusted_token_issuer(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        return self.issuers[self._issuer(parameters)]

    def update_trusted_token_issuer(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        known = self.issuers[self._issuer(parameters)]
        known["Name"] = parameters.get("Name", known["Name"])
        change = parameters.get("TrustedTokenIssuerConfiguration", {}).get("OidcJwtConfiguration", {})
        known["TrustedTokenIssuerConfiguration"]["OidcJwtConfiguration"] |= change
        return {}

    def delete_trusted_token_issuer(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        arn = self._issuer(parameters)
        del self.issuers[arn], self.identity_center.tags[arn]
        return {}

    def list_trusted_token_issuers(self, caller: Caller, parameters: dict[str, Any]) -> dict[str, Any]:
        keys = ("TrustedTokenIssuerArn", "Name", "TrustedTokenIssuerType")
        found = [{key: issuer[key] for key in keys} for issuer in self.issuers.values()]
        return paged("TrustedTokenIssuers", found, parameters, self.identity_center.page_size)

    def _issuer(self, parameters: dict[str, Any]) -> str:
        arn = parameters["TrustedTokenIssuerArn"]
        if arn not in self.issuers:
            raise AwsError("ResourceNotFoundException", "The trusted token issuer does not exist.")
        return arn

    # What tests see -------------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        tags = self.identity_center.tags
        names = self.identity_center.identity_store.names
        return {
            "applications": [
                {
                    "name": known["Name"],
                    "description": known.get("Description"),
                    "status": known["Status"],
                    "portal_options": known["PortalOptions"],
                    "tags": tags[arn],
                    "assignment_required": self.assignment_required[arn],
                    "assignments": [
                        {"principal_type": kind, "principal_id": id, "principal": names[kind][id]}
                        for kind, id in sorted(self.assignments[arn])
                    ],
                    "access_scopes": {scope: sorted(targets) for scope, targets in sorted(self.scopes[arn].items())},
                }
                for arn, known in sorted(self.applications.items(), key=lambda item: item[1]["Name"])
            ],
            "trusted_token_issuers": [
                {
                    "name": known["Name"],
                    "type": known["TrustedTokenIssuerType"],
                    "configuration": known["TrustedTokenIssuerConfiguration"],
                    "tags": tags[arn],
                }
                for arn, known in sorted(self.issuers.items(), key=lambda item: item[1]["Name"])
            ],
        }


def _scope(scope: str, targets: list[str]) -> dict[str, Any]:
    return {"Scope": scope, "AuthorizedTargets": targets} if targets else {"Scope": scope}
