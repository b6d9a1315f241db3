// Answers requests with the simulator of the npm package @cloud-copilot/iam-simulate.
//
// Each line of the input is a simulation without what all have in common, as JSON; each line of the output says
// `Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied`, or why the simulator does not take the request. The package is that
// of the folder in which this is run.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const { runSimulation } = createRequire(join(process.cwd(), "package.json"))("@cloud-copilot/iam-simulate");

const ACCOUNT = "123456789012";
const policies = (documents) => documents.map((policy, number) => ({ name: `policy-${number}`, policy }));

for await (const line of createInterface({ input: process.stdin })) {
  const { action, resource, context, identity, boundary, levels } = JSON.parse(line);
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/AWSReservedSSO_Oracle`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: context,
      },
      identityPolicies: policies(identity),
      permissionBoundaryPolicies: boundary && policies(boundary),
      serviceControlPolicies: levels.map((documents, level) => ({ orgIdentifier: `level-${level}`, policies: policies(documents) })),
      resourceControlPolicies: [],
    },
    {},
  );
  console.log(answer.resultType === "error" ? JSON.stringify(answer.errors) : answer.overallResult);
}
