//! The conversation: what is asked, what is answered, what is said unasked.

use jiff::Timestamp;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::protocol::{
    AtPosition, CodeActionParams, DidChange, DidChangeWorkspaceFolders, DidOpen, InitializationOptions,
    InitializeParams, OfDocument, PublishDiagnostics, References,
};
use super::text::{Encoding, Lines};
use super::workspace::{Buffer, Workspace};
use super::{Options, actions, complete, hover, navigate, transport, uri};
use crate::load::real_path;
use crate::resolve::parse_as_of;

/// Where the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing but `initialize` is answered.
    Begun,
    Running,
    /// Nothing but `exit` is expected.
    ShutDown,
    /// With what status the server ends.
    Ended {
        in_order: bool,
    },
}

/// A language server, whatever its messages arrive through.
pub(super) struct Server<'o> {
    options: Options,
    out: &'o mut dyn Write,
    state: State,
    workspace: Workspace,
    can_watch_files: bool,
    snippets: bool,
    /// Of requests to the client.
    requests: i32,
}

/// Why a request has no result.
struct Refusal {
    code: ErrorCode,
    why: String,
}

type Answer = Result<Value, Refusal>;

impl<'o> Server<'o> {
    pub(super) fn new(options: Options, out: &'o mut dyn Write) -> Self {
        Self {
            options,
            out,
            state: State::Begun,
            workspace: Workspace::default(),
            can_watch_files: false,
            snippets: false,
            requests: 0,
        }
    }

    /// Whether it was ended, and if so whether in the order that the protocol asks for.
    pub(super) fn ended(&self) -> Option<bool> {
        match self.state {
            State::Ended { in_order } => Some(in_order),
            _ => None,
        }
    }

    /// Whether something changed that was not looked at yet.
    pub(super) fn is_stale(&self) -> bool {
        self.state == State::Running && self.workspace.models.values().any(|model| model.stale)
    }

    /// Looks at every model that changed, and says what is new.
    ///
    /// # Errors
    ///
    /// When the client cannot be written to, as everywhere here.
    pub(super) fn check(&mut self) -> io::Result<()> {
        let stale = |workspace: &Workspace| -> Vec<PathBuf> {
            workspace.models.iter().filter(|(_, model)| model.stale).map(|(root, _)| root.clone()).collect()
        };
        for root in stale(&self.workspace) {
            let as_of = self.options.as_of.unwrap_or_else(self.options.now);
            let mut failed = None;
            if let Some(model) = self.workspace.models.get_mut(&root) {
                let before = model.failure.take();
                model.check(&self.workspace.overlay, as_of);
                failed = model.failure.clone().filter(|failure| before.as_ref() != Some(failure));
            }
            if let Some(failure) = failed {
                self.notify("window/showMessage", &json!({ "type": 1, "message": format!("bailiwick: {failure}") }))?;
            }
            for (uri, version, diagnostics) in self.workspace.news(&root) {
                self.publish(&uri, version, &diagnostics)?;
            }
        }
        Ok(())
    }

    fn publish(
        &mut self,
        uri: &str,
        version: Option<i64>,
        diagnostics: &[super::protocol::Diagnostic],
    ) -> io::Result<()> {
        self.notify("textDocument/publishDiagnostics", &PublishDiagnostics { uri, version, diagnostics })
    }

    /// Takes what is no message.
    pub(super) fn refuse(&mut self, code: ErrorCode, why: &str) -> io::Result<()> {
        transport::write_refusal(code, why, self.out)
    }

    /// Takes a message.
    pub(super) fn accept(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => self.notification(notification),
            // Nothing is asked of the client whose answer matters.
            Message::Response(_) => Ok(()),
        }
    }

    /// Answers a request that its sender no longer wants.
    pub(super) fn cancel(&mut self, id: RequestId) -> io::Result<()> {
        self.answer(id, Err(Refusal { code: ErrorCode::RequestCanceled, why: "cancelled".to_owned() }))
    }

    fn answer(&mut self, id: RequestId, answer: Answer) -> io::Result<()> {
        let response = match answer {
            Ok(result) => Response::new_ok(id, result),
            Err(Refusal { code, why }) => Response::new_err(id, code as i32, why),
        };
        transport::write(response.into(), self.out)
    }

    fn notify(&mut self, method: &str, params: &impl Serialize) -> io::Result<()> {
        let params = serde_json::to_value(params)?;
        transport::write(Notification { method: method.to_owned(), params }.into(), self.out)
    }

    fn log(&mut self, text: &str) -> io::Result<()> {
        self.notify("window/logMessage", &json!({ "type": 2, "message": format!("bailiwick: {text}") }))
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let refuse = |code, why: &str| Err(Refusal { code, why: why.to_owned() });
        let answer = match (self.state, method.as_str()) {
            (State::Begun, "initialize") => self.initialize(params)?,
            (State::Begun, _) => refuse(ErrorCode::ServerNotInitialized, "`initialize` comes first"),
            (State::ShutDown, _) => refuse(ErrorCode::InvalidRequest, "the server was shut down"),
            (_, "initialize") => refuse(ErrorCode::InvalidRequest, "`initialize` comes once"),
            (_, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Value::Null)
            }
            _ => self.query(&method, params)?,
        };
        self.answer(id, answer)
    }

    /// Answers a question about the model.
    fn query(&mut self, method: &str, params: Value) -> io::Result<Answer> {
        // Completion goes by the text around the cursor and symbols by the text alone; they need not wait.
        if matches!(
            method,
            "textDocument/hover" | "textDocument/definition" | "textDocument/references" | "textDocument/codeAction"
        ) {
            self.check()?;
        }
        let workspace = &self.workspace;
        Ok(match method {
            "textDocument/hover" => read::<AtPosition>(params).map(|at| json(hover::hover(workspace, &at))),
            "textDocument/definition" => {
                read::<AtPosition>(params).map(|at| json(navigate::definition(workspace, &at)))
            }
            "textDocument/references" => {
                read::<References>(params).map(|at| json(navigate::references(workspace, &at)))
            }
            "textDocument/documentSymbol" => {
                read::<OfDocument>(params).map(|of| json(navigate::symbols(workspace, &of.text_document.uri)))
            }
            "textDocument/completion" => {
                read::<AtPosition>(params).map(|at| json(complete::complete(workspace, self.snippets, &at)))
            }
            "textDocument/codeAction" => {
                read::<CodeActionParams>(params).map(|of| json(actions::actions(workspace, &of)))
            }
            other => {
                Err(Refusal { code: ErrorCode::MethodNotFound, why: format!("`{other}` is not known to this server") })
            }
        })
    }

    fn initialize(&mut self, params: Value) -> io::Result<Answer> {
        let params: InitializeParams = match read(params) {
            Ok(params) => params,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let offered = &params.capabilities.general.position_encodings;
        if offered.iter().any(|encoding| encoding == Encoding::Utf8.as_str()) {
            self.workspace.encoding = Encoding::Utf8;
        }
        self.can_watch_files = params.capabilities.workspace.did_change_watched_files.dynamic_registration;
        self.snippets = params.capabilities.text_document.completion.completion_item.snippet_support;
        match &params.workspace_folders {
            Some(folders) => folders.iter().for_each(|folder| self.workspace.add_folder(&folder.uri)),
            None => params.root_uri.iter().for_each(|uri| self.workspace.add_folder(uri)),
        }
        if let Err(why) = self.configure(params.initialization_options) {
            self.notify("window/showMessage", &json!({ "type": 2, "message": format!("bailiwick: {why}") }))?;
        }
        self.state = State::Running;
        Ok(Ok(json!({
            "capabilities": {
                "positionEncoding": self.workspace.encoding.as_str(),
                "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
                "hoverProvider": true,
                "definitionProvider": true,
                "referencesProvider": true,
                "documentSymbolProvider": true,
                "completionProvider": { "triggerCharacters": complete::TRIGGERS },
                "codeActionProvider": { "codeActionKinds": ["quickfix"] },
                "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
            },
            "serverInfo": { "name": "bailiwick", "version": env!("CARGO_PKG_VERSION") },
        })))
    }

    /// Takes the options of the client; what is wrong with them is said, and the server goes on without.
    fn configure(&mut self, options: Value) -> Result<(), String> {
        if options.is_null() {
            return Ok(());
        }
        let InitializationOptions { root, as_of } =
            serde_json::from_value(options).map_err(|error| format!("initializationOptions: {error}"))?;
        if let Some(text) = as_of {
            let as_of = parse_as_of(&text)
                .ok_or_else(|| format!("initializationOptions: `{text}` is neither a date nor a timestamp"))?;
            self.options.as_of = Some(as_of);
        }
        if let Some(root) = root {
            let folder = self.workspace.folders.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
            let root = real_path(&folder.join(root));
            if !root.is_dir() {
                return Err(format!("initializationOptions: the root `{}` is not a folder", root.display()));
            }
            self.workspace.configured = Some(root);
        }
        Ok(())
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        if method == "exit" {
            self.state = State::Ended { in_order: self.state == State::ShutDown };
            return Ok(());
        }
        if self.state != State::Running {
            return Ok(());
        }
        let done = match method.as_str() {
            "initialized" => self.initialized().map(|()| Ok(())),
            "textDocument/didOpen" => Ok(read(params).map(|opened| self.open(opened))),
            "textDocument/didChange" => Ok(read(params).map(|changed| self.change(changed))),
            "textDocument/didClose" => match read(params) {
                Ok(closed) => self.close(&closed).map(Ok),
                Err(refusal) => Ok(Err(refusal)),
            },
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                // Any file of a model may have changed, those that are not open included.
                self.workspace.find_models();
                self.workspace.models.values_mut().for_each(|model| model.stale = true);
                Ok(Ok(()))
            }
            "workspace/didChangeWorkspaceFolders" => match read(params) {
                Ok(change) => self.change_folders(&change).map(Ok),
                Err(refusal) => Ok(Err(refusal)),
            },
            // Whatever else is said can be left unheard.
            _ => Ok(Ok(())),
        }?;
        match done {
            Ok(()) => Ok(()),
            // A notification has no answer; the log of the client is where such things are looked for.
            Err(refusal) => self.log(&format!("`{method}`: {}", refusal.why)),
        }
    }

    fn initialized(&mut self) -> io::Result<()> {
        self.workspace.find_models();
        if !self.can_watch_files {
            return Ok(());
        }
        self.requests += 1;
        let watcher = json!({ "globPattern": "**/*.{yaml,yml,json}" });
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": [watcher] },
        });
        let params = json!({ "registrations": [registration] });
        let request = Request { id: self.requests.into(), method: "client/registerCapability".to_owned(), params };
        transport::write(request.into(), self.out)
    }

    fn open(&mut self, opened: DidOpen) {
        let document = opened.text_document;
        // Buffers that are no files belong to no model.
        let Some(path) = uri::to_path(&document.uri) else { return };
        let path = real_path(&path);
        self.workspace.overlay.set(&path, document.text.clone());
        let buffer =
            Buffer { uri: document.uri.clone(), path: path.clone(), version: document.version, text: document.text };
        self.workspace.buffers.insert(document.uri, buffer);
        self.touch(&path);
    }

    fn touch(&mut self, path: &Path) {
        if let Some(model) = self.workspace.model_of(path) {
            model.stale = true;
        }
    }

    fn change(&mut self, changed: DidChange) {
        let encoding = self.workspace.encoding;
        let Some(buffer) = self.workspace.buffers.get_mut(&changed.text_document.uri) else { return };
        buffer.version = changed.text_document.version;
        for change in changed.content_changes {
            match change.range {
                None => buffer.text = change.text,
                Some(range) => {
                    let lines = Lines::new(&buffer.text, encoding);
                    let start = lines.offset(&buffer.text, range.start);
                    let end = lines.offset(&buffer.text, range.end).max(start);
                    buffer.text.replace_range(start..end, &change.text);
                }
            }
        }
        let path = buffer.path.clone();
        self.workspace.overlay.set(&path, buffer.text.clone());
        self.touch(&path);
    }

    fn close(&mut self, closed: &OfDocument) -> io::Result<()> {
        let Some(buffer) = self.workspace.buffers.remove(&closed.text_document.uri) else { return Ok(()) };
        self.workspace.overlay.remove(&buffer.path);
        self.touch(&buffer.path);
        self.forget()
    }

    fn change_folders(&mut self, change: &DidChangeWorkspaceFolders) -> io::Result<()> {
        change.event.removed.iter().for_each(|folder| self.workspace.remove_folder(&folder.uri));
        change.event.added.iter().for_each(|folder| self.workspace.add_folder(&folder.uri));
        self.workspace.find_models();
        self.forget()
    }

    fn forget(&mut self) -> io::Result<()> {
        for uri in self.workspace.forget_models() {
            self.publish(&uri, None, &[])?;
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    // Where nothing is needed, nothing may be sent.
    let params = if params.is_null() { json!({}) } else { params };
    serde_json::from_value(params).map_err(|error| Refusal { code: ErrorCode::InvalidParams, why: error.to_string() })
}

/// A result; what cannot be spelled is none.
fn json(result: impl Serialize) -> Value {
    serde_json::to_value(result).unwrap_or_default()
}

impl std::fmt::Debug for Server<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The moment that counts as now, for options without a fixed time.
pub(super) type Clock = fn() -> Timestamp;
