"""CloudFormation as far as generated templates need it.

* `template` reads a template, refuses what CloudFormation refuses before it starts, and evaluates intrinsic functions;
* `schedule` decides what happens next among all that could: always the most harmful;
* `resources` says of every resource type which properties it has and how it is created, updated and deleted;
* `engine` deploys stacks: dependencies, nested stacks, replacement, clean-up, exports, import.
"""
