"""An AWS organization in one process, for the tests that apply Terraform and deploy stacks.

`server` hands every request to the service it was signed for:

* `identity_center`, `identity_store`, `organizations`, `stack_sets` and `sts` are written here. They belong to an
  organization and not to an account, which is what moto's own versions of them cannot express, and what they refuse
  is the point of the tests.
* `cloudformation` deploys stacks, and the instances of stack sets, which a test asks for under `/_emulator/stacks`.
* everything else (IAM of every account, EventBridge, Scheduler) is moto, narrowed in `iam` by the rules that matter.

`cloud` holds them together; `control` is what a test sees under `/_emulator/`. What is emulated and what is not is
said in README.md.
"""
