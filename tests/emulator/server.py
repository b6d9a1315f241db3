"""The one endpoint: reads a request, finds out who asks which service for what, and writes the answer.

Requests are answered one at a time under a lock, each in well under a millisecond, so hundreds of connections of a
`terraform apply -parallelism=512` wait in line without harm.
"""

from __future__ import annotations

import http.server
import json
import pathlib
import socketserver
import sys
import threading
import traceback
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import regex
from botocore.awsrequest import AWSPreparedRequest
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.serialize import get_serializer_class

from .aws import AwsError, Caller, operation
from .cloud import Cloud
from .control import Control
from .iam import Responses as IamResponses
from .sts import account_of

CREDENTIAL = regex.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")

# The name a service signs with, where that is not the name of its model.
SERVICES = {"sso": "sso-admin"}
GLOBAL_HOSTS = {"iam": "iam.amazonaws.com"}
# How moto answers for a service it does not have.
NOT_IN_MOTO = "Not yet implemented"
JSON = "application/x-amz-json-1.1"
XML = "text/xml"

Answer = tuple[int, str, bytes]


class Emulator:
    """The present world, and the lock before it."""

    def __init__(self, world: dict[str, Any]):
        self.lock = threading.Lock()
        self.cloud = Cloud(world)
        self.control = Control(load=self._load, cloud=lambda: self.cloud)
        self.moto = BotocoreStubber()
        self.moto.enabled = True

    def _load(self, world: dict[str, Any]) -> None:
        self.cloud = Cloud(world)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        path = urlsplit(url).path
        with self.lock:
            if path.startswith("/_emulator/"):
                status, content = self.control.answer(method, path, body)
                return status, "application/json", content
            return self._aws(method, url, headers, body)

    def _aws(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        match = CREDENTIAL.search(headers.get("authorization", ""))
        if match is None:
            return error_answer("json", AwsError("MissingAuthenticationTokenException", "Missing Token", 403))
        service = SERVICES.get(match["service"], match["service"])
        form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        protocol = "query" if form else "json"
        try:
            caller = Caller(account_of(match["key"]), match["region"])
        except AwsError as error:
            return error_answer(protocol, error)
        fields = {key: values[0] for key, values in parse_qs(body.decode(), True).items()} if form else {}
        action = fields.get("Action") or headers.get("x-amz-target", "").rpartition(".")[2]
        answer = self.cloud.answerer(service, action)
        if answer is None:
            return self._moto(caller, service, action, fields, method, url, headers, body)
        parameters: dict[str, Any] | None = None
        failure = None
        try:
            parameters = _parsed(service, action, fields, body)
            result = self.cloud.call(answer, caller, service, action, parameters)
            return _serialized(protocol, service, action, result)
        except AwsError as error:
            failure = str(error)
            return error_answer(protocol, error)
        finally:
            self.cloud.record(caller, service, action, parameters, failure)

    def _moto(
        self,
        caller: Caller,
        service: str,
        action: str,
        fields: dict[str, str],
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Answer:
        """Hands the request to moto, as if it had been sent to AWS by the caller's account."""
        headers = {**headers, "x-moto-account-id": caller.account}
        address = f"https://{GLOBAL_HOSTS.get(service, f'{service}.{caller.region}.amazonaws.com')}{url}"
        if service == "iam":
            request = Request.from_primitives(method, address, headers, body)
            answer = IamResponses.dispatch(request, address, request.headers)
        elif service in self.cloud.services:
            answer = None
        else:
            answer = self.moto.process_request(AWSPreparedRequest(method, address, headers, body, False))
        action = action or f"{method} {urlsplit(url).path}"
        if answer is None or answer[2] == NOT_IN_MOTO:
            print(f"not emulated: {service}:{action}", file=sys.stderr, flush=True)
            unknown = AwsError("UnknownOperationException", f"The emulator does not know {service}:{action}")
            return error_answer("query" if fields else "json", unknown)
        status, answer_headers, content = answer
        content = content.encode() if isinstance(content, str) else content
        self.cloud.record(caller, service, action, fields, str(status) if status >= 400 else None)
        kind = next((v for k, v in answer_headers.items() if k.lower() == "content-type"), XML if fields else JSON)
        return status, kind, content


def _parsed(service: str, action: str, fields: dict[str, str], body: bytes) -> dict[str, Any]:
    if not fields:
        return json.loads(body or b"{}")
    request = {"method": "POST", "values": fields, "headers": {}, "body": b"", "url_path": "/", "url_params": {}}
    return PROTOCOL_PARSERS["query"](operation(service, action)).parse(request)


def _serialized(protocol: str, service: str, action: str, result: dict[str, Any]) -> Answer:
    if protocol == "json":
        return 200, JSON, json.dumps(result).encode()
    serializer = get_serializer_class(service, "query")(operation_model=operation(service, action), pretty_print=False)
    return 200, XML, serializer.serialize(result)["body"].encode()


def error_answer(protocol: str, error: AwsError) -> Answer:
    if protocol == "json":
        return error.status, JSON, json.dumps({"__type": error.code, "message": error.message}).encode()
    # The query protocol has another word for a request that breaks the service model.
    code = "ValidationError" if error.code == "ValidationException" else error.code
    content = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(error.message)}</Message>"
        "</Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
    )
    return error.status, XML, content.encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            status, kind, content = self.server.emulator.answer(self.command, self.path, headers, body)
        except Exception:
            # A defect of the emulator must not look like a fault of AWS that a client retries in silence.
            traceback.print_exc()
            status, kind, content = 400, JSON, b'{"__type": "EmulatorDefect", "message": "see the log of the emulator"}'
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_LOCK = do_UNLOCK = _handle


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, port: int, emulator: Emulator):
        super().__init__(("127.0.0.1", port), Handler)
        self.emulator = emulator


def serve(port: int, world: pathlib.Path | None) -> None:
    """Serves until killed; the first line of standard output is the port."""
    emulator = Emulator(json.loads(world.read_text()) if world else {})
    server = Server(port, emulator)
    print(server.server_port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
