"""The words in which services and programs fail."""

from simulated.agent import Agent
from simulated.tools import Failure

HTTP_CLASSES = (
    ("HTTPStatusError", "httpx"),
    ("HTTPError", "requests.exceptions"),
    ("ApiException", "client.rest"),
    ("ToolError", "mcp.shared"),
)


def _http(agent: Agent, number: int, words: str) -> Failure:
    kind, module = agent.dice.choice(HTTP_CLASSES)
    host = f"api.{agent.words.made_up()}.{agent.dice.choice(('com', 'io', 'org', 'net'))}"
    text = agent.dice.choice(
        (
            f"{number} {words}",
            f"HTTP {number}: {words}",
            f"{number} {words} for url: https://{host}/v{agent.dice.randint(1, 3)}/{agent.words.noun()}s",
            f"Request failed with status code {number} ({words})",
            f"{words} (status={number})",
        )
    )
    return Failure(kind=kind, text=text, module=module)


def rate_limited(agent: Agent) -> Failure:
    return agent.dice.choice(
        (
            _http(agent, 429, "Too Many Requests"),
            Failure(kind="RateLimitError", text=f"Rate limit reached for {agent.words.made_up()}: limit 60/min, used 60. Try again in 12s.", module="openai"),
            Failure(kind="ClientError", text="An error occurred (ThrottlingException): Rate exceeded", module="botocore.exceptions"),
            Failure(kind="ResourceExhausted", text="Quota exceeded for quota metric 'Read requests'", module="google.api_core.exceptions"),
            Failure(kind="RpcError", text="StatusCode.RESOURCE_EXHAUSTED: too many requests", module="grpc"),
            Failure(kind="SlackApiError", text="The request to the Slack API failed. (error: ratelimited)", module="slack_sdk.errors"),
            Failure(kind="GithubException", text="403 API rate limit exceeded for installation ID 81.", module="github"),
        )
    )  # fmt: skip


def refused(agent: Agent) -> Failure:
    return agent.dice.choice(
        (
            _http(agent, 401, "Unauthorized"),
            _http(agent, 403, "Forbidden"),
            Failure(kind="AuthenticationError", text="Incorrect API key provided", module="stripe.error"),
            Failure(kind="PermissionError", text=f"[Errno 13] Permission denied: '/srv/{agent.words.made_up()}.db'"),
            Failure(
                kind="InsufficientPrivilege",
                text=f"permission denied for table {agent.words.noun()}s",
                module="psycopg.errors",
            ),
            Failure(kind="RpcError", text="StatusCode.PERMISSION_DENIED: caller lacks the role", module="grpc"),
            Failure(
                kind="ClientError",
                text="An error occurred (AccessDenied): User is not authorized to perform s3:GetObject",
                module="botocore.exceptions",
            ),
            Failure(
                kind="RefreshError",
                text="invalid_grant: Token has been expired or revoked.",
                module="google.auth.exceptions",
            ),
            Failure(kind="Error", text="EACCES: permission denied, open '/etc/app.conf'", module="node"),
        )
    )


def not_found(agent: Agent) -> Failure:
    return agent.dice.choice(
        (
            _http(agent, 404, "Not Found"),
            Failure(
                kind="FileNotFoundError",
                text=f"[Errno 2] No such file or directory: 'data/{agent.words.made_up()}.csv'",
            ),
            Failure(kind="NoSuchKey", text="The specified key does not exist.", module="botocore.errorfactory"),
            Failure(
                kind="DoesNotExist",
                text=f"{agent.words.noun().capitalize()} matching query does not exist.",
                module="app.models",
            ),
            Failure(
                kind="Error",
                text=f"ENOENT: no such file or directory, open 'src/{agent.words.made_up()}.ts'",
                module="node",
            ),
            Failure(
                kind="UndefinedTable", text=f'relation "{agent.words.noun()}s" does not exist', module="psycopg.errors"
            ),
            Failure(kind="RpcError", text="StatusCode.NOT_FOUND: no such resource", module="grpc"),
            Failure(
                kind="RecordNotFound",
                text=f"Couldn't find {agent.words.name()} with 'id'={agent.dice.randint(10, 999)}",
                module="app",
            ),
        )
    )


def down(agent: Agent) -> Failure:
    return agent.dice.choice(
        (
            _http(agent, 503, "Service Unavailable"),
            _http(agent, 502, "Bad Gateway"),
            _http(agent, 500, "Internal Server Error"),
            Failure(kind="ConnectionRefusedError", text="[Errno 111] Connection refused"),
            Failure(kind="ConnectError", text="[Errno -2] Name or service not known", module="httpx"),
            Failure(kind="OverloadedError", text="Overloaded", module="anthropic"),
            Failure(kind="Error", text=f"connect ECONNREFUSED 10.0.0.{agent.dice.randint(2, 250)}:5432", module="node"),
            Failure(kind="RpcError", text="StatusCode.UNAVAILABLE: failed to connect to all addresses", module="grpc"),
            Failure(kind="OperationalError", text="server closed the connection unexpectedly", module="psycopg"),
            Failure(
                kind="RemoteDisconnected", text="Remote end closed connection without response", module="http.client"
            ),
        )
    )


def timed_out(agent: Agent) -> Failure:
    seconds = agent.dice.choice((5, 10, 15, 30))
    return agent.dice.choice(
        (
            Failure(kind="ReadTimeout", text="The read operation timed out", module="httpx", seconds=seconds),
            Failure(kind="TimeoutError", text=f"timed out after {seconds} seconds", seconds=seconds),
            Failure(
                kind="DeadlineExceeded",
                text="504 Deadline Exceeded",
                module="google.api_core.exceptions",
                seconds=seconds,
            ),
            Failure(
                kind="TimeoutError", text=f"Timeout {seconds}000ms exceeded.", module="playwright", seconds=seconds
            ),
            Failure(kind="Error", text="connect ETIMEDOUT", module="node", seconds=seconds),
            Failure(kind="RpcError", text="StatusCode.DEADLINE_EXCEEDED", module="grpc", seconds=seconds),
            Failure(
                kind="QueryCanceled",
                text="canceling statement due to statement timeout",
                module="psycopg.errors",
                seconds=seconds,
            ),
        )
    )


def broken(agent: Agent) -> Failure:
    """A failure of no class."""
    return agent.dice.choice(
        (
            Failure(kind="ValueError", text=f"could not parse {agent.words.noun()} {agent.words.made_up()}"),
            Failure(
                kind="RuntimeError",
                text=f"{agent.words.made_up()} engine stopped with code {agent.dice.randint(2, 90)}",
            ),
            Failure(kind="ZeroDivisionError", text="division by zero"),
            Failure(kind="UnicodeDecodeError", text="'utf-8' codec can't decode byte 0x9c in position 12"),
        )
    )
