"""What teams do today: read the YAML, expand it, render it with Jinja2.

    jinja.py MODEL OUT

Reads a model of the benchmark with yaml.safe_load, walks the OU tree once, and writes Terraform:
permission sets with their policies, and one block of account assignments a row. It checks nothing,
distributes no customer-managed policy, and attaches no permissions boundary.
"""

import json
import os
import sys

import yaml
from jinja2 import Environment

PERMISSION_SETS = """\
{% for p in permission_sets -%}
resource "aws_ssoadmin_permission_set" "{{ p.label }}" {
  instance_arn     = "{{ instance_arn }}"
  name             = "{{ p.name }}"
  description      = "{{ p.description }}"
  session_duration = "{{ p.session_duration }}"
}
{% if p.inline_policy %}
resource "aws_ssoadmin_permission_set_inline_policy" "{{ p.label }}" {
  instance_arn       = "{{ instance_arn }}"
  permission_set_arn = aws_ssoadmin_permission_set.{{ p.label }}.arn
  inline_policy      = <<-EOT
{{ p.inline_policy }}
  EOT
}
{% endif %}
{%- for name in p.aws_managed_policies %}
resource "aws_ssoadmin_managed_policy_attachment" "{{ p.label }}_{{ loop.index0 }}" {
  instance_arn       = "{{ instance_arn }}"
  permission_set_arn = aws_ssoadmin_permission_set.{{ p.label }}.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/{{ name }}"
}
{% endfor %}
{%- for policy in p.customer_managed_policies %}
resource "aws_ssoadmin_customer_managed_policy_attachment" "{{ p.label }}_{{ loop.index0 }}" {
  instance_arn       = "{{ instance_arn }}"
  permission_set_arn = aws_ssoadmin_permission_set.{{ p.label }}.arn
  customer_managed_policy_reference {
    name = "{{ policy.name }}"
    path = "{{ policy.path }}"
  }
}
{% endfor %}
{% endfor %}
"""

ASSIGNMENTS = """\
{% for a in assignments -%}
resource "aws_ssoadmin_account_assignment" "{{ a.permission_set }}__{{ a.group }}" {
  for_each = toset([
{%- for account in a.accounts %}
    "{{ account.id }}", # {{ account.name }}
{%- endfor %}
  ])

  instance_arn       = "{{ instance_arn }}"
  permission_set_arn = aws_ssoadmin_permission_set.{{ a.permission_set }}.arn
  principal_type     = "GROUP"
  principal_id       = "{{ a.principal_id }}"
  target_type        = "AWS_ACCOUNT"
  target_id          = each.key
}

{% endfor %}
"""


def main():
    model, out = sys.argv[1:]

    def load(name):
        with open(os.path.join(model, name), encoding="utf-8") as file:
            return yaml.safe_load(file)

    instance_arn = load("bailiwick.yaml")["identity_center"]["instance_arn"]
    organization = load("organization.yaml")["organization"]
    groups = load("directory.yaml")["directory"]["groups"]
    policies = load("policies.yaml")["policies"]
    permission_sets = load("permission_sets.yaml")["permission_sets"]
    rows = load("assignments.yaml")["assignments"]

    below = {}

    def walk(ou, path):
        accounts = {
            account["id"]: {"id": account["id"], "name": name}
            for name, account in ou.get("accounts", {}).items()
            if account.get("status", "ACTIVE") == "ACTIVE"
            and account["id"] != organization["management_account"]
        }
        for name, child in ou.get("ous", {}).items():
            accounts.update(walk(child, f"{path}/{name}" if path else name))
        below[path] = accounts
        return accounts

    walk(organization["root"], "")

    def label(name):
        return name.replace("-", "_").lower()

    rendered_sets = []
    for name, permission_set in permission_sets.items():
        document = None
        if "inline_policy" in permission_set:
            with open(os.path.join(model, permission_set["inline_policy"]), encoding="utf-8") as file:
                document = json.dumps(json.load(file), indent=2).replace("${", "$${")
        rendered_sets.append({
            **permission_set,
            "name": name,
            "label": label(name),
            "inline_policy": document,
            "customer_managed_policies": [
                {"name": policy, "path": policies[policy]["path"]}
                for policy in permission_set.get("customer_managed_policies", [])
            ],
        })
    assignments = []
    for row in rows:
        accounts = {}
        for ou in row["ous"]:
            accounts.update(below[ou])
        assignments.append({
            "group": label(row["group"]),
            "permission_set": label(row["permission_set"]),
            "principal_id": groups[row["group"]],
            "accounts": [accounts[id] for id in sorted(accounts)],
        })

    environment = Environment()
    os.makedirs(out, exist_ok=True)
    for name, template, values in (
        ("permission_sets.tf", PERMISSION_SETS, {"permission_sets": rendered_sets}),
        ("assignments.tf", ASSIGNMENTS, {"assignments": assignments}),
    ):
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            file.write(environment.from_string(template).render(instance_arn=instance_arn, **values))


if __name__ == "__main__":
    main()
