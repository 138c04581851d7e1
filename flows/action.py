"""What a flow has other systems do, and what callers have to prove first."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from flows.part import Condition, Name, OneOrMore, Part, Target, Text
from flows.spoken import Lines_


class Http(Part):
    """A request. `{name}` puts an argument of `with` in, escaped. Hosts have to be on the deployment's list."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        "GET",
        description="What is not in the url goes into the query of GET and DELETE, else into a JSON body.",
    )
    url: Text = Field(description="`https://crm.example/accounts/{number}`")
    headers: dict[str, Text] = Field(
        default_factory=dict, description="`$NAME` stands for a secret of the deployment."
    )


class Mcp(Part):
    """A tool of an MCP server that the deployment lists."""

    server: Text = Field(description="Its name in the deployment's settings.")
    tool: Text = Field(description="As the server calls it.")


class OnError(Part):
    """What to do when an action fails: say something, go somewhere. Each kind may have its own."""

    say: Lines_ = Field((), description="What to say.")
    go: Target | None = Field(None, description="Where to. Default: a person takes over.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"go": given} if isinstance(given, str) else given


class Action(Part):
    """Something to look up or to do in another system."""

    http: Http | None = Field(None, description="A web service.")
    mcp: Mcp | None = Field(None, description="A tool of an MCP server.")
    python: Text | None = Field(None, description="The name of a function that the deployment registered.")
    effect: Literal["read", "write"] = Field(
        description="Whether it changes anything. Only reads are tried ahead, tried again, or given up half-way."
    )
    with_: dict[Name, Condition] = Field(
        default_factory=dict, alias="with", description="Arguments, each an expression over slots."
    )
    gives: dict[Name, Condition] = Field(
        default_factory=dict, description="Slots to fill, each an expression over `result`: `result.balance`."
    )
    timeout_s: float = Field(5, gt=0, le=120, description="How long each try may take.")
    retries: int = Field(0, ge=0, le=5, description="For a write, only with the same idempotency key.")
    meanwhile: str = Field(
        "", description="Said while it takes its time: `One moment, I am looking that up.`"
    )
    undo: Name | None = Field(
        None, description="An action that takes a write back, when its slots change later."
    )
    on_error: OnError = Field(OnError(), description="When it fails, however it fails.")
    on_timeout: OnError | None = Field(None, description="When it took too long; `on_error` where not given.")
    on_refused: OnError | None = Field(None, description="When the other system said no (HTTP 4xx).")


class Gate(Part):
    """What a caller has to prove before the steps that need it."""

    ask: Annotated[tuple[Name, ...], OneOrMore] = Field(
        min_length=1, description="The slots that prove it. They are not read back unless they say so."
    )
    do: Name | None = Field(None, description="An action that looks up what they have to match.")
    passes: Condition = Field(
        description="What has to hold: `pin == account.pin`, or `known` where its action gives a slot of that name."
    )
    attempts: int = Field(3, ge=1, le=10, description="How often it may be tried in a call.")
    wrong: str = Field("", description="Said when it does not hold; it must not tell which part was wrong.")
    locked: Target = Field("locked_out", description="Where to after the last attempt.")
