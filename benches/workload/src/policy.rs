//! IAM policy documents: real actions and ARN forms, so that policy linters have real work and
//! little noise. Policy variables stand behind the fifth colon only; IAM ignores them before it.

use serde::{Serialize, Serializer};

use crate::python_random::PythonRandom;

/// A policy document; it serializes with its keys in the order in which IAM documents show them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: String,
    effect: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    action: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_action: Vec<&'static str>,
    resource: Values,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Pairs<Pairs<Values>>>,
}

/// A string or a list of them.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Values {
    One(&'static str),
    Many(Vec<String>),
}

/// A mapping in the order in which it is written.
#[derive(Clone, Debug)]
struct Pairs<V>(Vec<(&'static str, V)>);

impl<V: Serialize> Serialize for Pairs<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

struct Service {
    name: &'static str,
    read: &'static [&'static str],
    write: &'static [&'static str],
    /// `{team}` stands for the team's name.
    resources: &'static [&'static str],
}

const SERVICES: [Service; 10] = [
    Service {
        name: "s3",
        read: &["s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket", "s3:GetBucketLocation"],
        write: &["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:PutObjectTagging"],
        resources: &[
            "arn:aws:s3:::{team}-${aws:PrincipalAccount}-data",
            "arn:aws:s3:::{team}-${aws:PrincipalAccount}-data/${aws:PrincipalTag/team}/*",
        ],
    },
    Service {
        name: "dynamodb",
        read: &["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:DescribeTable"],
        write: &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
        resources: &[
            "arn:aws:dynamodb:*:*:table/{team}-${aws:PrincipalTag/team}-*",
            "arn:aws:dynamodb:*:*:table/{team}-${aws:PrincipalTag/team}-*/index/*",
        ],
    },
    Service {
        name: "sqs",
        read: &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
        write: &["sqs:SendMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "sqs:ChangeMessageVisibility"],
        resources: &["arn:aws:sqs:*:*:{team}-*"],
    },
    Service {
        name: "lambda",
        read: &["lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:ListVersionsByFunction"],
        write: &["lambda:UpdateFunctionCode", "lambda:PublishVersion", "lambda:InvokeFunction"],
        resources: &["arn:aws:lambda:*:*:function:{team}-*"],
    },
    Service {
        name: "logs",
        read: &["logs:GetLogEvents", "logs:FilterLogEvents", "logs:DescribeLogStreams"],
        write: &["logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents"],
        resources: &["arn:aws:logs:*:*:log-group:/{team}/*"],
    },
    Service {
        name: "secretsmanager",
        read: &["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        write: &["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret", "secretsmanager:RotateSecret"],
        resources: &["arn:aws:secretsmanager:*:*:secret:{team}/${aws:PrincipalTag/team}/*"],
    },
    Service {
        name: "kms",
        read: &["kms:DescribeKey", "kms:Decrypt"],
        write: &["kms:Encrypt", "kms:GenerateDataKey"],
        resources: &["arn:aws:kms:*:*:key/*"],
    },
    Service {
        name: "ecs",
        read: &["ecs:DescribeServices", "ecs:DescribeTasks"],
        write: &["ecs:UpdateService", "ecs:StopTask"],
        resources: &["arn:aws:ecs:*:*:service/{team}/*", "arn:aws:ecs:*:*:task/{team}/*"],
    },
    Service {
        name: "rds",
        read: &["rds:DescribeDBInstances", "rds:ListTagsForResource"],
        write: &["rds:StartDBInstance", "rds:StopDBInstance", "rds:RebootDBInstance"],
        resources: &["arn:aws:rds:*:*:db:{team}-*"],
    },
    Service {
        name: "ssm",
        read: &["ssm:GetParameter", "ssm:GetParametersByPath"],
        write: &["ssm:PutParameter", "ssm:StartSession", "ssm:DeleteParameter"],
        resources: &["arn:aws:ssm:*:*:parameter/{team}/${aws:PrincipalTag/environment}/*"],
    },
];

impl Document {
    /// Allow statements until the compact document would reach `target` bytes, then two guard rails.
    pub(crate) fn draw(random: &mut PythonRandom, team: &str, target: usize) -> Self {
        let mut services: Vec<&Service> = SERVICES.iter().collect();
        random.shuffle(&mut services);
        let mut statement = Vec::new();
        for service in services {
            let resources: Vec<String> =
                service.resources.iter().map(|resource| resource.replace("{team}", team)).collect();
            let sid = format!("{}{}", service.name[..1].to_uppercase(), &service.name[1..]);
            statement.push(Statement {
                sid: format!("{sid}Read"),
                effect: "Allow",
                action: service.read.to_vec(),
                not_action: Vec::new(),
                resource: Values::Many(resources.clone()),
                condition: None,
            });
            if random.random() < 0.7 {
                let actions = 1 + random.below(service.write.len());
                statement.push(Statement {
                    sid: format!("{sid}Write"),
                    effect: "Allow",
                    action: random.sample(service.write, actions),
                    not_action: Vec::new(),
                    resource: Values::Many(resources),
                    condition: Some(Pairs(vec![(
                        "StringEquals",
                        Pairs(vec![
                            ("aws:ResourceTag/team", Values::One("${aws:PrincipalTag/team}")),
                            (
                                "aws:PrincipalTag/environment",
                                Values::Many(vec!["nonprod".to_owned(), "${aws:ResourceTag/environment}".to_owned()]),
                            ),
                        ]),
                    )])),
                });
            }
            let mut guarded = statement.clone();
            guarded.extend(guard_rails());
            if json(&guarded, false).len() >= target {
                break;
            }
        }
        statement.extend(guard_rails());
        Self { version: "2012-10-17", statement }
    }

    /// The document as JSON, indented by two spaces, without a newline at the end.
    pub fn to_json(&self) -> String {
        json(self, true)
    }
}

/// Two statements that deny, as many organizations append them.
fn guard_rails() -> [Statement; 2] {
    [
        Statement {
            sid: "DenyOutsideRegions".to_owned(),
            effect: "Deny",
            action: Vec::new(),
            not_action: vec!["iam:*", "organizations:*", "support:*", "sts:*"],
            resource: Values::One("*"),
            condition: Some(Pairs(vec![(
                "StringNotEquals",
                Pairs(vec![(
                    "aws:RequestedRegion",
                    Values::Many(vec!["eu-west-1".to_owned(), "eu-central-1".to_owned()]),
                )]),
            )])),
        },
        Statement {
            sid: "DenyOtherTeams".to_owned(),
            effect: "Deny",
            action: vec!["s3:DeleteBucket", "dynamodb:DeleteTable"],
            not_action: Vec::new(),
            resource: Values::One("*"),
            condition: Some(Pairs(vec![(
                "StringNotEqualsIfExists",
                Pairs(vec![("aws:ResourceTag/team", Values::One("${aws:PrincipalTag/team}"))]),
            )])),
        },
    ]
}

fn json(value: &impl Serialize, indented: bool) -> String {
    let text = if indented { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    text.expect("strings and lists of strings always serialize")
}
