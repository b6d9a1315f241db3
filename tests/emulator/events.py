"""EventBridge: what Organizations tells of accounts, and whom the rules of the management account pass it on to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.events import events_backends

from . import roles

if TYPE_CHECKING:
    from .cloud import Cloud

# The one Region in which Organizations tells of anything.
REGION = "us-east-1"

# What a rule may do to a target of its role, by what stands in the target's ARN.
ACTIONS = {
    "event-bus": "events:PutEvents",
    "api-destination": "events:InvokeApiDestination",
    "codepipeline": "codepipeline:StartPipelineExecution",
}


class Events:
    def __init__(self, cloud: Cloud):
        self.cloud = cloud
        self.delivered: list[dict[str, Any]] = []
        events_backends.clear()

    def dump(self) -> list[dict[str, Any]]:
        return self.delivered

    def tell(self, detail: dict[str, Any]) -> None:
        """Tells of something as CloudTrail does; a rule that could not call its target is an error."""
        management = self.cloud.organization.management_account
        kind = "Service Event" if "serviceEventDetails" in detail else "API Call"
        event = {
            "version": "0",
            "source": "aws.organizations",
            "detail-type": f"AWS {kind} via CloudTrail",
            "account": management,
            "region": REGION,
            "detail": {"eventSource": "organizations.amazonaws.com", "awsRegion": REGION, **detail},
        }
        rules = events_backends[management][REGION].describe_event_bus("default").rules
        for _, rule in sorted(rules.items()):
            if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
                for target in rule.targets:
                    self._deliver(management, rule, target, event)

    def _deliver(self, account: str, rule: Any, target: dict[str, Any], event: dict[str, Any]) -> None:
        arn = target["Arn"]
        _, _, service, region, owner, resource = arn.split(":", 5)
        kind = resource.partition("/")[0] if service == "events" else service
        if kind not in ACTIONS:
            raise ValueError(f"{rule.arn}: not a target that is known here: {arn}")
        if kind != "event-bus" and (region, owner) != (REGION, account):
            raise ValueError(f"{rule.arn} cannot call {arn}: only event buses are elsewhere")
        role = roles.used_by(account, target["RoleArn"], "events.amazonaws.com", rule.arn)
        roles.must_allow(role, ACTIONS[kind], arn)
        told = json.loads(target["Input"]) if "Input" in target else event
        self.delivered.append({"rule": rule.name, "target": arn, "event": event["detail"]["eventName"], "told": told})
