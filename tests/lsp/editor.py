"""An editor, as far as a language server can tell: a session with `bailiwick lsp` over its standard streams.

Usage: editor.py PROGRAM MODEL, where MODEL is a copy of the example that may be changed. The client checks every message
against the types of the protocol; this script checks what the messages say.
"""

import asyncio
import sys
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 20  # seconds; an answer takes some hundredths, on a machine that has other things to do it may take longer


class Editor(LanguageClient):
    """A client that remembers what is found in each file."""

    def __init__(self):
        super().__init__("editor", "1")
        self.found = {}
        self.published = asyncio.Event()
        self.registered = []
        self.messages = []

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def remember(params: types.PublishDiagnosticsParams):
            self.found[params.uri] = params.diagnostics
            self.published.set()

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams):
            self.registered += [registration.method for registration in params.registrations]

        @self.feature(types.WINDOW_LOG_MESSAGE)
        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def hear(params):
            self.messages.append(params.message)

    async def until(self, holds):
        """Waits until the findings are as expected."""
        while not holds():
            self.published.clear()
            if holds():
                return
            await asyncio.wait_for(self.published.wait(), PATIENCE)


class File:
    """A file that is open in the editor."""

    def __init__(self, editor, path):
        self.editor, self.path = editor, path
        self.uri = path.as_uri()
        self.version = 1
        self.text = path.read_text(encoding="utf-8") if path.exists() else ""
        item = types.TextDocumentItem(self.uri, "yaml", self.version, self.text)
        editor.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def position(self, offset):
        """Lines and UTF-16 columns: the client offers nothing else."""
        before = self.text[:offset]
        column = len(before[before.rfind("\n") + 1 :].encode("utf-16-le")) // 2
        return types.Position(before.count("\n"), column)

    def at(self, needle, behind=False):
        """Where a text stands first: its first letter, or the place behind its last."""
        offset = self.text.index(needle)
        return self.position(offset + len(needle) if behind else offset)

    def replace(self, old, new):
        """Types over a text, as an editor tells it: the range and what it becomes."""
        start = self.text.index(old)
        range_ = types.Range(self.position(start), self.position(start + len(old)))
        self.text = self.text[:start] + new + self.text[start + len(old) :]
        self.version += 1
        change = types.TextDocumentContentChangePartial(range=range_, text=new)
        document = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        self.editor.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def ask(self, kind, position, **more):
        return kind(text_document=types.TextDocumentIdentifier(self.uri), position=position, **more)

    def rules(self):
        return sorted(diagnostic.code for diagnostic in self.editor.found.get(self.uri, []))

    def close(self):
        document = types.TextDocumentIdentifier(self.uri)
        self.editor.text_document_did_close(types.DidCloseTextDocumentParams(document))


def labels(completions):
    return [item.label for item in completions.items]


async def work(program, model):
    editor = Editor()
    await editor.start_io(program, "lsp", "--as-of", "2026-12-01")
    capabilities = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        ),
    )
    folder = types.WorkspaceFolder(model.as_uri(), "model")
    answer = await editor.initialize_async(
        types.InitializeParams(capabilities, workspace_folders=[folder], root_uri=model.as_uri())
    )
    assert answer.server_info.name == "bailiwick", answer
    assert answer.capabilities.position_encoding == "utf-16", answer.capabilities
    editor.initialized(types.InitializedParams())

    # The whole model is looked at before a file is open: its one note stands where `check` puts it.
    organization = (model / "organization.yaml").as_uri()
    await editor.until(lambda: [d.code for d in editor.found.get(organization, [])] == ["skipped-accounts"])
    assert editor.found[organization][0].severity == types.DiagnosticSeverity.Information
    assert "workspace/didChangeWatchedFiles" in editor.registered, editor.registered

    # A mistake is found while it is typed, and gone when it is put right.
    teams = File(editor, model / "assignments/teams.yaml")
    teams.replace("ous: [Workloads/NonProd/Data, Workloads/Prod/Data]", "ous: [Workloads/NonProd/Dato]")
    await editor.until(lambda: "unknown-ou" in teams.rules())
    (found,) = [d for d in editor.found[teams.uri] if d.code == "unknown-ou"]
    assert found.range.start == teams.at("Workloads/NonProd/Dato"), found
    assert "did you mean `Workloads/NonProd/Data`?" in found.message, found
    teams.replace("ous: [Workloads/NonProd/Dato]", "ous: [Workloads/NonProd/Data, Workloads/Prod/Data]")
    await editor.until(lambda: teams.rules() == [])

    # What a name means, where it is declared and where it is used.
    hover = await editor.text_document_hover_async(teams.ask(types.HoverParams, teams.at("DataEngineer")))
    assert "Data engineers, in the lake" in hover.contents.value, hover
    assert "session: 4 h" in hover.contents.value and "`aws-data-engineers`" in hover.contents.value, hover
    definition = await editor.text_document_definition_async(
        teams.ask(types.DefinitionParams, teams.at("DataEngineer"))
    )
    assert [place.uri.rsplit("/", 1)[1] for place in definition] == ["engineering.yaml"], definition
    context = types.ReferenceContext(include_declaration=True)
    places = await editor.text_document_references_async(
        teams.ask(types.ReferenceParams, teams.at("DataEngineer"), context=context)
    )
    assert {place.uri.rsplit("/", 1)[1] for place in places} == {"engineering.yaml", "teams.yaml"}, places
    symbols = await editor.text_document_document_symbol_async(
        types.DocumentSymbolParams(types.TextDocumentIdentifier(teams.uri))
    )
    assert "aws-data-engineers → DataEngineer" in [row.name for row in symbols[0].children], symbols

    # What may stand at the cursor of a half-written row.
    whole = teams.text
    teams.replace(whole, whole + "  - group: aws-data-engineers\n    permission_set: Data\n    ous: [Work\n")
    sets = await editor.text_document_completion_async(
        teams.ask(types.CompletionParams, teams.position(teams.text.rindex("Data\n") + len("Data")))
    )
    assert "DataEngineer" in labels(sets), sets
    units = await editor.text_document_completion_async(
        teams.ask(types.CompletionParams, teams.position(teams.text.rindex("Work") + len("Work")))
    )
    assert "Workloads/Prod/Data" in labels(units), units
    assert units.items[0].text_edit.range.end == teams.position(len(teams.text) - 1), units.items[0]
    await editor.until(lambda: "syntax" in teams.rules())
    teams.replace(teams.text, whole)

    # Inside a policy document: a finding, an action, a service.
    policy = File(editor, model / "policies/data-engineer.json")
    action = policy.text[policy.text.index('"Action"') :].split('"')[3]
    hover = await editor.text_document_hover_async(policy.ask(types.HoverParams, policy.at(action)))
    assert hover is not None and action.split(":")[0] in hover.contents.value, (action, hover)
    policy.replace(f'"{action}"', '"s3:GetObjekt"')
    await editor.until(lambda: "policy-unknown-action" in policy.rules())
    completions = await editor.text_document_completion_async(
        policy.ask(types.CompletionParams, policy.at("s3:GetObj", behind=True))
    )
    assert "s3:GetObject" in labels(completions), labels(completions)
    actions = await editor.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(policy.uri),
            types.Range(policy.at("s3:GetObjekt"), policy.at("s3:GetObjekt")),
            types.CodeActionContext(editor.found[policy.uri]),
        )
    )
    (suppress,) = [action for action in actions if action.title.startswith("Suppress")]
    # JSON has no comments: the finding is suppressed where the model names the document.
    ((uri, (edit,)),) = suppress.edit.changes.items()
    assert uri.endswith("policies.yaml") and "# bailiwick: allow[policy-unknown-action]" in edit.new_text, suppress
    # A buffer that is closed without being saved counts no longer.
    policy.close()
    await editor.until(lambda: policy.rules() == [])

    # A file that changes on disk counts when the editor says so.
    stray = model / "stray.yaml"
    stray.write_text("polices: {}\n", encoding="utf-8")
    changed = types.FileEvent(stray.as_uri(), types.FileChangeType.Created)
    editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    await editor.until(lambda: [d.code for d in editor.found.get(stray.as_uri(), [])] == ["unknown-key"])

    assert editor.messages == [], editor.messages
    await editor.shutdown_async(None)
    editor.exit(None)
    status = await asyncio.wait_for(editor._server.wait(), PATIENCE)
    assert status == 0, status


asyncio.run(asyncio.wait_for(work(sys.argv[1], Path(sys.argv[2]).resolve()), 120))
