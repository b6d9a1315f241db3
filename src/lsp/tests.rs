//! Whole conversations with a server in memory.

use serde_json::{Value, json};
use std::sync::mpsc;
use tempfile::TempDir;

use super::conversation::{feed, messages};
use super::server::Server;
use super::transport::Incoming;
use super::{Options, converse, uri};
use jiff::Timestamp;

const MODEL: &str = r#"organization:
  id: o-abcdef1234
  management_account: management
  root:
    id: r-ab12
    accounts:
      management: { id: "111111111111" }
    ous:
      Workloads:
        id: ou-ab12-22222222
        ous:
          NonProd:
            id: ou-ab12-33333333
            accounts: { shop-dev: { id: "012345678901", tags: { env: dev } } }
          Prod:
            id: ou-ab12-44444444
            accounts: { shop-prod: "333333333333" }
directory:
  groups: { admins: 906713a2-0011-2233-4455-66778899aabb, devs: }
policies:
  TeamData: { path: /teams/, document: policies/team.json }
permission_sets:
  Developer:
    description: "Writes *code*"
    session_duration: 90m
    aws_managed_policies: [job-function/ViewOnlyAccess]
    customer_managed_policies: [TeamData]
  Operator: { inline_policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*" }] } }
assignments:
  - group: devs
    permission_set: Developer
    ous: [Workloads/NonProd]
  - groups: [admins]
    permission_sets: [Developer, Operator]
    accounts: [shop-prod]
"#;

const DOCUMENT: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{ "Sid": "Own", "Effect": "Allow", "Action": ["s3:GetObject", "s3:List*"], "Resource": "arn:aws:s3:::own/*" }]
}
"#;

/// A client that says everything before it listens.
struct Client {
    folder: TempDir,
    said: Vec<u8>,
    id: i64,
}

impl Client {
    /// Initializes a session in a folder with the model.
    fn new() -> Self {
        let mut client = Self::silent();
        let initialize = json!({ "capabilities": { "general": { "positionEncodings": ["utf-16", "utf-8"] } }, "rootUri": client.uri("") });
        client.ask("initialize", initialize);
        client.tell("initialized", json!({}));
        client
    }

    #[expect(clippy::disallowed_methods, reason = "a test writes its model")]
    fn silent() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        std::fs::write(folder.path().join("bailiwick.yaml"), MODEL).unwrap();
        std::fs::write(folder.path().join("policies/team.json"), DOCUMENT).unwrap();
        Self { folder, said: Vec::new(), id: 0 }
    }

    fn uri(&self, path: &str) -> String {
        uri::from_path(&self.folder.path().canonicalize().unwrap().join(path))
    }

    fn send(&mut self, body: &str) {
        self.said.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes());
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string());
    }

    /// Asks, and returns the number of the question.
    fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params }).to_string());
        self.id
    }

    fn open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces a whole buffer.
    fn write(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "version": 2 });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
    }

    fn ask_at(&mut self, method: &str, path: &str, text: &str, offset: usize) -> i64 {
        let place = json!({ "textDocument": { "uri": self.uri(path) }, "position": position(text, offset) });
        self.ask(method, place)
    }

    /// Asks what can be done about the findings at a place.
    fn ask_for_actions(&mut self, path: &str, text: &str, offset: usize) -> i64 {
        let place = position(text, offset);
        let range = json!({ "start": place, "end": place });
        let document = json!({ "uri": self.uri(path) });
        let context = json!({ "diagnostics": [] });
        self.ask("textDocument/codeAction", json!({ "textDocument": document, "range": range, "context": context }))
    }

    /// Listens.
    fn hear(self) -> Heard {
        let heard = messages(&feed(&self.said));
        Heard { messages: heard, folder: self.folder }
    }
}

/// Bytes, because the client offers UTF-8.
fn position(text: &str, offset: usize) -> Value {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    json!({ "line": line, "character": offset - before.rfind('\n').map_or(0, |at| at + 1) })
}

struct Heard {
    messages: Vec<Value>,
    folder: TempDir,
}

impl Heard {
    fn answer(&self, id: i64) -> &Value {
        self.messages.iter().find(|message| message["id"] == id && message.get("method").is_none()).unwrap()
    }

    fn result(&self, id: i64) -> &Value {
        let answer = self.answer(id);
        answer.get("result").unwrap_or_else(|| panic!("{answer}"))
    }

    /// What was published for a file, in order: the rules found.
    fn published(&self, path: &str) -> Vec<Vec<&str>> {
        let uri = uri::from_path(&self.folder.path().canonicalize().unwrap().join(path));
        let published = self.messages.iter().filter(|message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == *uri
        });
        published
            .map(|message| {
                let found = message["params"]["diagnostics"].as_array().unwrap();
                found.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
            })
            .collect()
    }

    /// The texts at the places that an answer names.
    fn places(&self, id: i64, texts: &[(&str, &str)]) -> Vec<String> {
        let root = self.folder.path().canonicalize().unwrap();
        let place = |location: &Value| {
            let uri = location["uri"].as_str().unwrap();
            let path = uri::to_path(uri).unwrap().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let text = texts.iter().find(|(name, _)| *name == path).unwrap().1;
            let number =
                |end: &str, what: &str| usize::try_from(location["range"][end][what].as_u64().unwrap()).unwrap();
            let line = text.lines().nth(number("start", "line")).unwrap();
            let written = &line[number("start", "character")..number("end", "character")];
            format!("{path}:{}:{written}", number("start", "line") + 1)
        };
        self.result(id).as_array().unwrap().iter().map(place).collect()
    }
}

#[test]
fn the_conversation_keeps_to_the_protocol() {
    let mut client = Client::silent();
    let early = client.ask("textDocument/hover", json!({}));
    client.tell("textDocument/didOpen", json!({ "nonsense": true }));
    let root = client.uri("");
    let begun = client.ask(
        "initialize",
        json!({
            "capabilities": { "general": { "positionEncodings": ["utf-16"] } },
            "rootUri": root,
            "initializationOptions": { "as_of": "tomorrow" },
        }),
    );
    let again = client.ask("initialize", json!({ "capabilities": {} }));
    client.tell("initialized", json!({}));
    let unknown = client.ask("textDocument/rename", json!({}));
    let wrong = client.ask("textDocument/hover", json!({ "position": "here" }));
    client.tell("textDocument/didChange", json!([1, 2]));
    client.tell("$/whatever", json!(null));
    client.send("{ not json");
    client.send("[]");
    client.send(r#"{"jsonrpc":"2.0","id":99,"result":null}"#);
    let shut = client.ask("shutdown", Value::Null);
    let late = client.ask("textDocument/hover", json!({}));
    client.tell("exit", Value::Null);
    let unheard = client.ask("shutdown", Value::Null);
    let heard = client.hear();
    let refused = [(early, -32002), (again, -32600), (unknown, -32601), (wrong, -32602), (late, -32600)];
    for (id, code) in refused {
        assert_eq!(heard.answer(id)["error"]["code"], code, "{}", heard.answer(id));
    }
    assert_eq!(heard.result(begun)["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(*heard.result(shut), Value::Null);
    let unasked: Vec<_> = heard.messages.iter().filter(|message| message["id"].is_null()).collect();
    let codes: Vec<_> = unasked.iter().filter_map(|message| message["error"]["code"].as_i64()).collect();
    assert_eq!(codes, [-32700, -32600]);
    let said = |part: &str| {
        unasked.iter().any(|message| message["params"]["message"].as_str().is_some_and(|m| m.contains(part)))
    };
    assert!(said("`tomorrow` is neither a date nor a timestamp") && said("`textDocument/didChange`"), "{unasked:#?}");
    assert!(!heard.messages.iter().any(|message| message["id"] == unheard));
}

#[test]
fn a_request_that_is_cancelled_in_time_is_not_worked_on() {
    let (sender, receiver) = mpsc::channel();
    for body in [
        json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }),
        json!({ "id": "a", "method": "textDocument/hover", "params": {} }),
        json!({ "method": "$/cancelRequest", "params": { "id": "a" } }),
        json!({ "method": "$/cancelRequest", "params": { "id": 77 } }),
        json!({ "id": 2, "method": "shutdown" }),
        json!({ "method": "exit" }),
    ] {
        sender.send(Incoming::Message(serde_json::from_value(body).unwrap())).unwrap();
    }
    let mut out = Vec::new();
    let options = Options { as_of: None, now: || Timestamp::UNIX_EPOCH };
    let in_order = converse(&receiver, &mut Server::new(options, &mut out)).unwrap();
    assert!(in_order);
    let heard = messages(&out);
    assert_eq!(heard.iter().find(|message| message["id"] == "a").unwrap()["error"]["code"], -32800);
    drop(sender);
    let mut out = Vec::new();
    assert!(!converse(&receiver, &mut Server::new(options, &mut out)).unwrap(), "a client that just goes away");
}

#[test]
fn findings_follow_the_text() {
    let mut client = Client::new();
    client.open("bailiwick.yaml", MODEL);
    let hover = |client: &mut Client| client.ask_at("textDocument/hover", "bailiwick.yaml", MODEL, 0);
    hover(&mut client);
    client.write("bailiwick.yaml", &MODEL.replace("[Workloads/NonProd]", "[Workloads/Nonprod]"));
    hover(&mut client);
    hover(&mut client);
    client.write("bailiwick.yaml", MODEL);
    hover(&mut client);
    // A document that only exists in the editor, with a finding inside it.
    client.write("bailiwick.yaml", &MODEL.replace("team.json", "new.json"));
    client.open("policies/new.json", &DOCUMENT.replace("GetObject", "GetObjekt"));
    hover(&mut client);
    let uri = client.uri("policies/new.json");
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    let heard = client.hear();
    assert_eq!(
        heard.published("bailiwick.yaml"),
        [vec!["unknown-ou"], vec![], vec!["unreadable-document"]],
        "{:#?}",
        heard.messages
    );
    assert_eq!(heard.published("policies/new.json"), [vec!["policy-unknown-action"], vec![]]);
    let finding = heard.messages.iter().find(|message| message["params"]["diagnostics"][0]["code"] == "unknown-ou");
    let finding = &finding.unwrap()["params"]["diagnostics"][0];
    let start = MODEL.find("Workloads/NonProd").unwrap();
    assert_eq!(finding["range"]["start"], position(MODEL, start));
    assert_eq!((&finding["severity"], &finding["source"]), (&json!(1), &json!("bailiwick")));
    assert!(finding["message"].as_str().unwrap().ends_with("help: did you mean `Workloads/NonProd`?"), "{finding}");
}

#[test]
fn places_that_belong_to_a_finding_are_told_with_it() {
    let mut client = Client::new();
    client.open("more.yaml", "permission_sets:\n  Developer: {}\n");
    let heard = client.hear();
    assert_eq!(heard.published("more.yaml"), [["declared-twice"]]);
    let of_more =
        heard.messages.iter().find(|m| m["params"]["uri"].as_str().is_some_and(|uri| uri.ends_with("more.yaml")));
    let related = &of_more.unwrap()["params"]["diagnostics"][0]["relatedInformation"][0];
    assert!(related["location"]["uri"].as_str().unwrap().ends_with("/bailiwick.yaml"), "{related}");
    assert_eq!(related["location"]["range"]["start"], position(MODEL, MODEL.find("Developer:").unwrap()));
    assert_eq!(related["message"], "first here");
}

#[test]
fn edits_are_counted_in_the_units_of_the_client() {
    let mut client = Client::silent();
    let root = client.uri("");
    client.ask("initialize", json!({ "capabilities": {}, "workspaceFolders": [{ "uri": root, "name": "m" }] }));
    client.tell("initialized", json!({}));
    let text = "permission_sets:\n  A: { description: \"😀é\", sesion_duration: 2h }\n";
    client.open("more.yaml", text);
    let hover =
        json!({ "textDocument": { "uri": client.uri("more.yaml") }, "position": { "line": 0, "character": 0 } });
    client.ask("textDocument/hover", hover.clone());
    // Columns of UTF-16: the smiley is two of them.
    let column = text.lines().nth(1).unwrap().encode_utf16().count() - "sion_duration: 2h }".len();
    let place = json!({ "line": 1, "character": column });
    let change = json!({ "range": { "start": place, "end": place }, "text": "s" });
    let document = json!({ "uri": client.uri("more.yaml"), "version": 2 });
    client.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    client.ask("textDocument/hover", hover);
    let heard = client.hear();
    let published = heard.published("more.yaml");
    assert!(published[0].contains(&"unknown-key"), "{published:?}");
    assert!(!published[1].contains(&"unknown-key"), "{published:?}");
    let mut findings = heard.messages.iter().flat_map(|m| m["params"]["diagnostics"].as_array()).flatten();
    let finding = findings.find(|finding| finding["code"] == "unknown-key").unwrap();
    assert_eq!(finding["range"]["start"]["character"], column - 2);
}

#[test]
fn the_root_is_found() {
    let open = |folder: &str, options: Value, path: &str| {
        let mut client = Client::silent();
        std::fs::create_dir(client.folder.path().join("other")).unwrap();
        let folder = client.uri(folder);
        client.ask("initialize", json!({ "capabilities": {}, "rootUri": folder, "initializationOptions": options }));
        client.tell("initialized", json!({}));
        client.open(path, "polices: {}\n");
        let heard = client.hear();
        heard.published(path).concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    // Below a `bailiwick.yaml`, wherever the workspace folder is.
    assert_eq!(open("", Value::Null, "other/a.yaml"), ["unknown-key"]);
    // A folder without one is a model itself.
    assert_eq!(open("other", Value::Null, "other/a.yaml"), ["partial-model", "unknown-key"]);
    // What the client says counts: this file is outside.
    assert!(open("", json!({ "root": "policies" }), "other/a.yaml").is_empty());
    assert_eq!(open("", json!({ "root": "other" }), "other/a.yaml"), ["partial-model", "unknown-key"]);
    // A folder that has its model further down is none itself.
    assert_eq!(open("..", Value::Null, "other/a.yaml"), ["unknown-key"]);
}

/// Asks about the place of a `^` in a text, which is not part of it.
fn marked(text: &str) -> (String, usize) {
    let at = text.find('^').expect("a mark");
    (text.replace('^', ""), at)
}

#[test]
fn names_lead_to_their_declarations_and_back() {
    let texts = [("bailiwick.yaml", MODEL), ("policies/team.json", DOCUMENT)];
    for (at, definition, references) in [
        (
            "permission_set: Dev^eloper",
            &["bailiwick.yaml:23:Developer"][..],
            &["bailiwick.yaml:31:Developer", "bailiwick.yaml:34:Developer"][..],
        ),
        (
            "  Dev^eloper:\n",
            &["bailiwick.yaml:23:Developer"],
            &["bailiwick.yaml:31:Developer", "bailiwick.yaml:34:Developer"],
        ),
        ("[^TeamData]", &["bailiwick.yaml:21:TeamData"], &["bailiwick.yaml:27:TeamData"]),
        ("ous: [Workloads/Non^Prod]", &["bailiwick.yaml:12:NonProd"], &["bailiwick.yaml:32:Workloads/NonProd"]),
        ("accounts: [shop-prod^]", &["bailiwick.yaml:17:shop-prod"], &["bailiwick.yaml:35:shop-prod"]),
        ("management_account: ^management", &["bailiwick.yaml:7:management"], &["bailiwick.yaml:3:management"]),
        ("group: d^evs", &["bailiwick.yaml:19:devs"], &["bailiwick.yaml:30:devs"]),
        ("document: policies^/team.json", &["policies/team.json:1:"], &["bailiwick.yaml:21:policies/team.json"]),
        ("descr^iption", &[], &[]),
    ] {
        let mut client = Client::new();
        client.open("bailiwick.yaml", MODEL);
        let (needle, within) = marked(at);
        let offset = MODEL.find(&needle).unwrap_or_else(|| panic!("{needle}")) + within;
        let defined = client.ask_at("textDocument/definition", "bailiwick.yaml", MODEL, offset);
        let used = client.ask_at("textDocument/references", "bailiwick.yaml", MODEL, offset);
        let heard = client.hear();
        assert_eq!(heard.places(defined, &texts), definition, "{at}");
        assert_eq!(heard.places(used, &texts), references, "{at}");
    }
}

#[test]
fn names_are_explained() {
    let text = MODEL.replace("assignments:", "assignments: # bailiwick: allow[empty-ou] because");
    for (at, parts) in [
        (
            "permission_set: Dev^eloper",
            &["Writes \\*code\\*", "session: 1 h 30 min", "`TeamData`", "`admins`, `devs` in 2 accounts", "\n- list: "]
                [..],
        ),
        ("ous: [Workloads/Non^Prod]", &["1 active account", "`ou-ab12-33333333`", "`devs` → `Developer`"]),
        ("shop-^dev: {", &["`012345678901`", "in `Workloads/NonProd`", "`env=dev`", "`devs` → `Developer`"]),
        ("group: d^evs", &["group", "`Developer` in `shop-dev`"]),
        ("[^TeamData]", &["`/teams/`", "used by `Developer`", "distributed to `shop-dev`, `shop-prod`"]),
        (
            "job-function/View^OnlyAccess",
            &["AWS-managed", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "\n- list: "],
        ),
        ("\"sqs:Receive^Message\"", &["`sqs:ReceiveMessage`", "queue: `arn:${Partition}:sqs"]),
        ("session_dur^ation", &["How long a session lasts"]),
        ("allow[empty^-ou]", &["bailiwick explain empty-ou"]),
    ] {
        let mut client = Client::new();
        client.open("bailiwick.yaml", &text);
        let (needle, within) = marked(at);
        let offset = text.find(&needle).unwrap_or_else(|| panic!("{needle}")) + within;
        let id = client.ask_at("textDocument/hover", "bailiwick.yaml", &text, offset);
        let heard = client.hear();
        let value = heard.result(id)["contents"]["value"].as_str().unwrap_or_else(|| panic!("{at}: nothing"));
        for part in parts {
            assert!(value.contains(part), "{at}: no {part:?} in\n{value}");
        }
        assert!(value.lines().count() < 30, "{value}");
    }
    let mut client = Client::new();
    client.open("policies/team.json", DOCUMENT);
    let id = client.ask_at("textDocument/hover", "policies/team.json", DOCUMENT, DOCUMENT.find("s3:List").unwrap());
    let value = client.hear().result(id)["contents"]["value"].to_string();
    assert!(value.contains("`s3:list*`") && value.contains(" list: `s3:List"), "{value}");
}

#[test]
fn what_may_stand_at_the_cursor_is_offered() {
    let mut wrong = Vec::new();
    let statement = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": ["#;
    for (text, offered, withheld) in [
        ("^", &["assignments", "permission_sets"][..], &[][..]),
        ("assi^", &["assignments"], &["policies"]),
        ("assignments:\n  - ^\n", &["group", "ous", "expires"], &["root"]),
        ("assignments:\n  - group: ^\n", &["admins", "devs"], &["group"]),
        ("assignments:\n  - group: a^\n    permission_set: Developer\n", &["admins"], &["devs"]),
        ("assignments:\n  - group: devs\n    perm^\n    ous: [Workloads]\n", &["permission_set"], &["ous", "group"]),
        ("assignments:\n  - group: devs\n    permission_set: ^\n", &["Developer", "Operator"], &[]),
        ("assignments:\n  - { group: devs, permission_set: Dev^ }\n", &["Developer"], &["Operator"]),
        ("assignments:\n  - ous: [Workloads/^\n", &["Workloads/NonProd", "Workloads/Prod"], &["_root_"]),
        ("assignments:\n  - ous: [Workloads, ^]\n", &["_root_", "Workloads/Prod"], &["Workloads"]),
        ("assignments:\n  - ous:\n      - ^\n", &["_root_", "Workloads"], &[]),
        ("assignments:\n  - ous:\n      ^\n", &["_root_"], &[]),
        ("assignments:\n  - accounts: [sh^\n  - group: x\n", &["shop-dev", "shop-prod"], &["management"]),
        ("assignments:\n  - accounts: [\"0123^\n", &["012345678901"], &["shop-prod"]),
        ("assignments:\n  - exclude: { accounts: [^] }\n", &["shop-dev"], &[]),
        ("permission_sets:\n  X:\n    ^\n", &["session_duration", "targets"], &[]),
        ("permission_sets:\n  X:\n    description: x\n    sess^\n", &["session_duration"], &["description"]),
        (
            "permission_sets:\n  X:\n    aws_managed_policies: [ViewOnly^]\n",
            &["job-function/ViewOnlyAccess"],
            &["SecurityAudit"],
        ),
        ("permission_sets:\n  X:\n    customer_managed_policies:\n      - ^\n", &["TeamData"], &[]),
        ("permission_sets:\n  X: { inline_policy: ^ }\n", &["policies/team.json"], &[]),
        (
            "permission_sets:\n  X:\n    inline_policy:\n      Statement:\n        - Effect: ^\n",
            &["Allow", "Deny"],
            &[],
        ),
        (
            "permission_sets:\n  X:\n    inline_policy:\n      Statement:\n        - Effect: Allow\n          Action: [\"s3:GetObjectTag^\"]\n",
            &["s3:GetObjectTagging"],
            &["s3:PutObject"],
        ),
        ("permission_sets:\n  Ne^\n", &[], &["session_duration"]),
        ("permission_sets:\n  X:\n    description: see se^\n", &[], &["session_duration"]),
        ("organization:\n  root:\n    accounts:\n      a: { status: SUS^ }\n", &["SUSPENDED"], &["ACTIVE"]),
        ("lint:\n  levels:\n    empty^\n", &["empty-ou"], &["unknown-ou"]),
        ("lint:\n  levels:\n    empty-ou: ^\n", &["deny", "warn", "allow"], &[]),
        ("# bailiwick: allow[empty^\n", &["empty-ou"], &["syntax"]),
        ("assignments: # bailiwick: allow[empty-ou] ^\n", &[], &["empty-ou"]),
        ("# group: ^\n", &[], &["devs"]),
    ] {
        let (text, offset) = marked(text);
        wrong.extend(offers("more.yaml", &text, offset, offered, withheld));
        // The same behind a matrix that is too large to be parsed whole.
        if text.starts_with("assignments:\n") {
            let before = "  - { group: devs, permission_set: Developer, ous: [Workloads] }\n".repeat(2_200);
            let text = text.replacen("assignments:\n", &format!("assignments:\n{before}"), 1);
            wrong.extend(offers("more.yaml", &text, offset + before.len(), offered, withheld));
        }
    }
    for (text, offered, withheld) in [
        (format!("{statement}\"^\""), &["s3:", "iam:"][..], &["s3:GetObject"][..]),
        (format!("{statement}\"s3:GetObjectT^"), &["s3:GetObjectTagging"], &["iam:PassRole"]),
        (format!("{statement}\"iam:passr^\"], \"Resource\": \"*\" }}] }}"), &["iam:PassRole"], &["iam:GetRole"]),
        ("{ \"^\" }".to_owned(), &["Version", "Statement"], &["Effect"]),
        ("{ \"Statement\": [{ \"Effect\": \"^\" }] }".to_owned(), &["Allow", "Deny"], &[]),
        ("{ \"Statement\": [{\n  \"^\n}] }".to_owned(), &["Action", "Resource", "Condition"], &["Principal"]),
        ("{ \"Statement\": { \"Condition\": { \"StringEq^\" } } }".to_owned(), &["StringEquals"], &["ArnLike"]),
        ("{ \"Statement\": { \"Condition\": { \"StringEquals\": { \"s3:pref^".to_owned(), &["s3:prefix"], &[]),
        (
            "{ \"Statement\": { \"Action\": \"sqs:SendMessage\", \"Resource\": \"^\" } }".to_owned(),
            &["arn:aws:sqs:*:*:*", "*"],
            &[],
        ),
    ] {
        let (text, offset) = marked(&text);
        wrong.extend(offers("policies/team.json", &text, offset, offered, withheld));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong with the items for a place.
fn offers(path: &str, text: &str, offset: usize, offered: &[&str], withheld: &[&str]) -> Vec<String> {
    let mut client = Client::new();
    // Names are those of the last state of the model that could be understood.
    client.ask_at("textDocument/hover", "bailiwick.yaml", MODEL, 0);
    client.open(path, text);
    let id = client.ask_at("textDocument/completion", path, text, offset);
    let heard = client.hear();
    let result = heard.result(id);
    let labels: Vec<_> =
        result["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
    let around = &text[text[..offset].rfind('\n').map_or(0, |at| at + 1)..];
    let missing = offered.iter().filter(|label| !labels.contains(label));
    let mut wrong: Vec<_> = missing.map(|label| format!("no {label} at {around:?} in {labels:?}")).collect();
    let too_much = withheld.iter().filter(|label| labels.contains(label));
    wrong.extend(too_much.map(|label| format!("{label} at {around:?}")));
    for item in result["items"].as_array().unwrap() {
        assert_eq!(item["textEdit"]["range"]["end"], position(text, offset));
    }
    wrong
}

#[test]
fn what_is_offered_is_spelled_for_its_place() {
    let text = "assignments:\n  - accounts: [0123^]\n    permission_set: Deve^\n";
    let (first, _) = text.split_once("^").unwrap();
    let text = text.replace('^', "");
    let mut client = Client::new();
    client.open("more.yaml", &text);
    client.ask_at("textDocument/hover", "more.yaml", &text, 0);
    let account = client.ask_at("textDocument/completion", "more.yaml", &text, first.len());
    let set = client.ask_at("textDocument/completion", "more.yaml", &text, text.len() - 1);
    let heard = client.hear();
    let edit = |id: i64| &heard.result(id)["items"][0]["textEdit"];
    // Without quotes, YAML readers take an account id for a number.
    assert_eq!(edit(account)["newText"], "\"012345678901\"");
    assert_eq!(edit(account)["range"]["start"], position(&text, first.len() - 4));
    assert_eq!(edit(set)["newText"], "Developer");
}

#[test]
fn a_finding_can_be_suppressed_with_one_key() {
    let text = format!(
        "{MODEL}  - {{ group: devs, permission_set: Operator, ous: [Workloads/Prod], accounts: [shop-dev], exclude: {{ accounts: [shop-dev] }} }}\n"
    );
    let mut client = Client::new();
    client.open("bailiwick.yaml", &text);
    let offset = text.rfind("accounts: [shop-dev], exclude").unwrap() + "accounts: [".len();
    let uri = client.uri("bailiwick.yaml");
    let id = client.ask_for_actions("bailiwick.yaml", &text, offset);
    let heard = client.hear();
    let action = &heard.result(id)[0];
    assert_eq!(action["title"], "Suppress `narrowed-account` here, with a reason", "{action}");
    let edit = &action["edit"]["changes"][&uri][0];
    let line = usize::try_from(edit["range"]["start"]["line"].as_u64().unwrap()).unwrap();
    let mut lines: Vec<_> = text.split_inclusive('\n').collect();
    lines.insert(line, edit["newText"].as_str().unwrap());
    let mut client = Client::new();
    client.open("bailiwick.yaml", &lines.concat());
    client.ask_at("textDocument/hover", "bailiwick.yaml", MODEL, 0);
    let heard = client.hear();
    assert!(heard.published("bailiwick.yaml").is_empty(), "{:?}", heard.published("bailiwick.yaml"));
}

#[test]
fn a_finding_of_a_document_is_suppressed_on_every_line_that_names_it() {
    let document = DOCUMENT.replacen("s3:", "s4:", 1);
    assert_ne!(document, DOCUMENT);
    let text = MODEL.replace("    customer_managed_policies: [TeamData]\n", "    inline_policy: policies/team.json\n");
    assert_ne!(text, MODEL);
    let mut client = Client::new();
    client.open("bailiwick.yaml", &text);
    client.open("policies/team.json", &document);
    let uri = client.uri("bailiwick.yaml");
    let id = client.ask_for_actions("policies/team.json", &document, document.find("s4:").unwrap());
    let heard = client.hear();
    let action = heard.result(id).as_array().unwrap().last().unwrap();
    assert_eq!(action["title"], "Suppress `policy-unknown-action` here, with a reason", "{action}");
    let mut lines: Vec<_> = text.split_inclusive('\n').collect();
    let edits = action["edit"]["changes"][&uri].as_array().unwrap();
    assert_eq!(edits.len(), 2, "{action}");
    for edit in edits.iter().rev() {
        let line = usize::try_from(edit["range"]["start"]["line"].as_u64().unwrap()).unwrap();
        lines.insert(line, edit["newText"].as_str().unwrap());
    }
    let mut client = Client::new();
    client.open("bailiwick.yaml", &lines.concat());
    client.open("policies/team.json", &document);
    client.ask_at("textDocument/hover", "bailiwick.yaml", MODEL, 0);
    let heard = client.hear();
    let rules: Vec<_> =
        ["policies/team.json", "bailiwick.yaml"].map(|path| heard.published(path).pop().unwrap_or_default()).concat();
    assert!(!rules.contains(&"policy-unknown-action") && !rules.contains(&"unused-suppression"), "{rules:?}");
}

#[test]
fn a_finding_can_be_put_right_with_one_key() {
    let text = MODEL.replace("accounts: [shop-prod]", "accounts: [333333333333]");
    let mut client = Client::new();
    client.open("bailiwick.yaml", &text);
    let offset = text.rfind("333333333333").unwrap();
    let uri = client.uri("bailiwick.yaml");
    let id = client.ask_for_actions("bailiwick.yaml", &text, offset);
    let heard = client.hear();
    let action = &heard.result(id)[0];
    assert_eq!((&action["title"], &action["isPreferred"]), (&json!("Quote the account id"), &json!(true)), "{action}");
    let edit = json!({ "newText": "\"333333333333\"", "range": { "start": position(&text, offset), "end": position(&text, offset + 12) } });
    assert_eq!(action["edit"]["changes"][&uri], json!([edit]), "{action}");
}

#[test]
fn what_cannot_be_done_is_said_once() {
    let mut client = Client::new();
    client.open("more.yaml", "polices: {}\n");
    client.ask_at("textDocument/hover", "more.yaml", "", 0);
    let uri = client.uri("more.yaml");
    for _ in 0..2 {
        std::fs::copy("data/actions.bin", client.folder.path().join("binary.yaml")).unwrap();
        client.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        client.ask_at("textDocument/hover", "more.yaml", "", 0);
    }
    let heard = client.hear();
    let said = heard.messages.iter().filter_map(|message| message["params"]["message"].as_str());
    let said: Vec<_> = said.filter(|message| message.contains("is not UTF-8")).collect();
    assert_eq!(said.len(), 1, "{:#?}", heard.messages);
    // The file was there from the first look on: nothing was found, and nothing stays found.
    assert!(heard.published("more.yaml").is_empty());
}

#[cfg(unix)]
#[test]
fn files_are_called_as_the_client_calls_them() {
    let mut client = Client::silent();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().canonicalize().unwrap().join("link");
    std::os::unix::fs::symlink(client.folder.path(), &link).unwrap();
    client.ask("initialize", json!({ "capabilities": {}, "rootUri": uri::from_path(&link) }));
    client.tell("initialized", json!({}));
    let document =
        json!({ "uri": uri::from_path(&link.join("new.yaml")), "text": "permission_sets: { Developer: {} }\n" });
    client.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let heard = client.hear();
    let published =
        heard.messages.iter().find(|message| message["method"] == "textDocument/publishDiagnostics").unwrap();
    assert_eq!(published["params"]["uri"], uri::from_path(&link.join("new.yaml")));
    let related = &published["params"]["diagnostics"][0]["relatedInformation"][0]["location"]["uri"];
    assert_eq!(*related, uri::from_path(&link.join("bailiwick.yaml")));
}

#[test]
fn a_file_has_an_outline() {
    let mut client = Client::new();
    client.open("bailiwick.yaml", MODEL);
    client.open("policies/team.json", DOCUMENT);
    let of = |path: &str, client: &mut Client| {
        let uri = client.uri(path);
        client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }))
    };
    let (model, document) = (of("bailiwick.yaml", &mut client), of("policies/team.json", &mut client));
    let heard = client.hear();
    let mut outline = String::new();
    fn draw(symbols: &Value, depth: usize, outline: &mut String) {
        for symbol in symbols.as_array().unwrap() {
            outline.push_str(&format!("{}{}\n", "  ".repeat(depth), symbol["name"].as_str().unwrap()));
            let (range, selection) = (&symbol["range"], &symbol["selectionRange"]);
            let place = |p: &Value| (p["line"].as_u64(), p["character"].as_u64());
            assert!(place(&range["start"]) <= place(&selection["start"]), "{symbol}");
            assert!(place(&selection["end"]) <= place(&range["end"]), "{symbol}");
            draw(&symbol["children"], depth + 1, outline);
        }
    }
    draw(heard.result(model), 0, &mut outline);
    draw(heard.result(document), 0, &mut outline);
    let expected = "organization\n  management\n  Workloads\n    NonProd\n      shop-dev\n    Prod\n      shop-prod\n\
                    directory\n  groups\n    admins\n    devs\npolicies\n  TeamData\npermission_sets\n  Developer\n  Operator\n\
                    assignments\n  devs → Developer\n  admins → Developer, Operator\nStatement\n  Allow Own\n";
    assert_eq!(outline, expected);
}

#[test]
fn no_text_and_no_place_is_too_much() {
    // Every beginning of a model, asked about at its end: that is what a server sees while somebody types.
    let text = &MODEL[MODEL.find("permission_sets:").unwrap()..];
    let mut client = Client::new();
    client.open("more.yaml", "");
    for end in (0..=text.len()).step_by(7) {
        client.write("more.yaml", &text[..end]);
        client.ask_at("textDocument/completion", "more.yaml", text, end);
    }
    for hostile in [
        "\u{feff}a: é😀",
        "\r\n\r- [",
        "a: |\n  x",
        "? [",
        "*a",
        "&a [*a]",
        "\u{e000}",
        "a: \"\\x",
        "{{{{",
        "- - -\t",
        "%YAML",
        "--- a\n--- b",
    ] {
        client.write("more.yaml", hostile);
        for character in 0..4 {
            for method in ["hover", "completion", "definition", "references", "documentSymbol"] {
                let uri = client.uri("more.yaml");
                let place = json!({ "line": character / 2, "character": character * 3 });
                client.ask(
                    &format!("textDocument/{method}"),
                    json!({ "textDocument": { "uri": uri }, "position": place }),
                );
            }
        }
    }
    let asked = client.id;
    let heard = client.hear();
    assert_eq!(
        heard.messages.iter().filter(|message| message["id"].is_i64() && message.get("result").is_some()).count()
            as i64,
        asked
    );
}
