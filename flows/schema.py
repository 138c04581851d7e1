"""What a flow file may say. Unknown keys are errors.

A `Flow` is frozen and shared by all calls that run it. The loader writes short forms out (`flows.expand`): the
reasoner finds every slot in `slots` and every step in `steps`, those of sub-flows among them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from flows.part import Condition, Name, OneOrMore, Part, Text
from flows.slot import Slot

Target = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
"""Where to go: a step, an outcome, `next` (the step below), or `back` (from a visit to where it began)."""


class Agent(Part):
    """Who speaks."""

    name: Text = Field(description="What the agent is called.")
    company: Text = Field(description="Who it works for.")
    business: Text = Field(description="What that is, in two or three words: `family clinic`.")
    voice: str = Field("", description="A voice of the front-end; its default where empty.")
    backchannels: bool = Field(
        True, description="Whether the agent says `mm-hm` while a caller talks for long."
    )


# --- what is said ------------------------------------------------------------------------------------------


class How(StrEnum):
    """How closely a line is kept to. A voice that reads lines reads all of them as they stand."""

    VERBATIM = "verbatim"  # word for word
    PARAPHRASE = "paraphrase"  # all of it, in the model's own words
    HINT = "hint"  # something to bear in mind, not to say


class Line(Part):
    """Something to say. `say: Hello.` is short for `say: {text: Hello.}`. `{slot}` puts a value in."""

    text: Text = Field(description="The words.")
    how: How = Field(How.VERBATIM, description="How closely to keep to the words.")
    must_finish: bool = Field(False, description="It is not cut off when the caller speaks over it.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given


Lines_ = Annotated[tuple[Line, ...], OneOrMore]


class Lines(Part):
    """What the agent says at fixed places. Each has a default in the flow's language."""

    greeting: str = Field("", description="The first words of the call.")
    wait: str = Field("", description="To `hold on`.")
    busy: str = Field("", description="To a caller who speaks while an action takes its time.")
    still_there: str = Field("", description="When the caller has been silent.")
    not_known: str = Field("", description="To a question that the knowledge does not answer.")
    not_allowed: str = Field("", description="When what is asked for waits behind a gate.")
    handover: str = Field("", description="Before a person takes over.")
    cannot_finish: str = Field("", description="When the call ends without its goal.")
    needed: str = Field("", description="When a caller cannot or will not answer a required question.")
    declined: str = Field("", description="When a slot that must be yes is a no.")
    cancelled: str = Field("", description="When the caller ends the call before everything was asked.")
    not_verified: str = Field("", description="When what was given does not prove who is calling.")
    invalid: str = Field("", description="When a value cannot be, and its slot does not say why.")
    locked_out: str = Field("", description="When a gate was failed too often.")
    too_late: str = Field("", description="When a value changes after an action has used it for good.")
    trouble: str = Field("", description="When an action failed and the flow does not say what then.")
    goodbye: str = Field("", description="When everything was asked and confirmed.")


class Disclosure(Part):
    """Words that have to be spoken, and proven to have been, before the steps that need them."""

    text: Text = Field(description="The words. `{slot}` puts a value in.")
    required: bool = Field(True, description="No call is complete without it.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given


# --- where to go -------------------------------------------------------------------------------------------


class Way(Part):
    """One way on from a step: taken where its condition holds. It sets, then says, then goes."""

    if_: Condition | None = Field(None, alias="if", description="Without it, the way is always open.")
    say: Lines_ = Field((), description="Said when this way is taken.")
    set: dict[Name, Condition] = Field(
        default_factory=dict, description="Slots to change, each with an expression: `score: score + 1`."
    )
    go: Target = Field("next", description="Where to.")


def _as_ways(given: Any) -> Any:
    if isinstance(given, str):
        return ({"go": given},)
    return (given,) if isinstance(given, dict) else given


class Answer(Part):
    """One answer to a step's question. `yes: next_step` is short for `yes: {go: next_step}`."""

    says: Annotated[tuple[Text, ...], OneOrMore] = Field((), description="Other ways to say it.")
    say: Lines_ = Field((), description="Said to it.")
    set: dict[Name, Condition] = Field(default_factory=dict, description="Slots to change.")
    go: Target = Field(
        "next", description="Where to. Default: the step's `then`; without one, the step below."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"go": given} if isinstance(given, str) else given


class Response(Part):
    """What to do instead of the usual. `human: desk` is short for `human: {go: desk}`."""

    say: Lines_ = Field((), description="What to say.")
    go: Target | None = Field(None, description="Where to; without it, back to the question.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"go": given} if isinstance(given, str) else given


class Patterns(Part):
    """What to do when callers do what callers do; each has a default."""

    human: Response | None = Field(None, description="They want a person. Default: the call is handed over.")
    cancel: Response | None = Field(None, description="They want to stop. Default: the call ends, cancelled.")
    repeat: Response | None = Field(None, description="They ask to hear it again. Default: it is said again.")
    wait: Response | None = Field(None, description="`Hold on`. Default: they are left in peace for a while.")
    dont_know: Response | None = Field(
        None, description="They do not know. Default: optional slots are skipped."
    )
    refuse: Response | None = Field(
        None, description="They will not say. Default: optional slots are skipped."
    )
    skip: Response | None = Field(None, description="`Next question`. Default: optional slots are skipped.")
    silence: Response | None = Field(None, description="They say nothing. Default: they are asked once more.")
    not_understood: Response | None = Field(None, description="Default: an apology, and the question again.")
    question: Response | None = Field(None, description="They ask. Default: the knowledge answers.")


class Topic(Part):
    """Something a caller may bring up at any time."""

    says: Annotated[tuple[Text, ...], OneOrMore] = Field(description="How they say it.", min_length=1)
    say: Lines_ = Field((), description="Said to it.")
    go: Target | None = Field(None, description="A step or outcome that takes over.")
    visit: Name | None = Field(None, description="A step to go through, until `back`, and then to return.")
    if_: Condition | None = Field(None, alias="if", description="Only while this holds.")


# --- actions and gates ---------------------------------------------------------------------------------------


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


# --- steps ---------------------------------------------------------------------------------------------------


class Knowledge(Part):
    """What may be looked up during a step. `knowledge: [fees]` is short for `knowledge: {pages: [fees]}`."""

    pages: Annotated[tuple[str, ...], OneOrMore] = Field(
        (), description="Names under the flow's `knowledge`."
    )
    passages: int = Field(3, ge=1, le=10, description="At most so many are put before the model.")
    within_ms: int = Field(300, ge=10, le=5000, description="How long a lookup may take.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"pages": given} if isinstance(given, str | list | tuple) else given


class Call(Part):
    """Another flow, gone through as part of this one. `call: identity` is short for `call: {flow: identity}`."""

    flow: Text = Field(description="A name under `imports`.")
    with_: dict[Name, Condition] = Field(
        default_factory=dict, alias="with", description="Its inputs, each an expression over slots here."
    )
    gives: dict[Name, Name] = Field(
        default_factory=dict, description="Slots here that take over its outputs: `ours: theirs`."
    )
    first: str = Field(
        "", exclude=True, description="Its first step, once written out; not written in files."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"flow": given} if isinstance(given, str) else given


class Step(Part):
    """A part of the script. What it does comes in this order: needs, say, ask (or question), do, call, set, then."""

    about: str = Field("", description="What it is for, for the model and for the drawing.")
    if_: Condition | None = Field(None, alias="if", description="Only done where this holds; else passed by.")
    needs: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="Gates and disclosures. Those not yet passed or spoken come first, by themselves."
    )
    say: Lines_ = Field((), description="Said when the step begins.")
    ask: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="Slots to fill, in this order, though callers may give them in any."
    )
    question: str = Field("", description="A question whose answer decides where to go.")
    answers: dict[str, Answer] = Field(
        default_factory=dict,
        description="The answers to `question`; `yes` and `no` are understood by themselves, `else` is any other.",
    )
    done_when: Condition | None = Field(
        None, description="What is still to be asked is left once this holds."
    )
    do: Name | None = Field(None, description="An action.")
    call: Call | None = Field(None, description="Another flow to go through here.")
    set: dict[Name, Condition] = Field(default_factory=dict, description="Slots to change at the end.")
    then: Annotated[tuple[Way, ...], Field(description="Where to go. Default: the step below.")] = ()
    knowledge: Knowledge | None = Field(
        None, description="What may be looked up meanwhile; default: everything."
    )
    at_most: int | None = Field(None, ge=1, le=100, description="How often it may be gone through in a call.")
    or_else: Target = Field("handed_over", description="Where to when it would be once more than `at_most`.")
    turns: int | None = Field(None, ge=1, le=200, description="How many turns it may take; then `or_else`.")
    on: Patterns = Field(
        Patterns(), description="What to do otherwise than the flow does while in this step."
    )
    below: str = Field(
        "", exclude=True, description="Where to when passed by, once written out; not in files."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, dict) and "then" in given:
            return given | {"then": _as_ways(given["then"])}
        return given


class Kind(StrEnum):
    """What an outcome means."""

    COMPLETE = "complete"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    GAVE_UP = "gave_up"


class OutcomeCode(Part):
    """A way for a call to end. `booked: complete` is short for `booked: {kind: complete}`."""

    kind: Kind = Field(description="What it means for those who count calls.")
    say: str = Field("", description="The last words.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"kind": given} if isinstance(given, str) else given


# --- the whole -----------------------------------------------------------------------------------------------


class Listening(Part):
    """Thresholds of listening that this flow wants otherwise than the deployment."""

    complete_ms: int | None = Field(
        None, ge=100, le=3000, description="Silence that ends a turn whose words are a whole answer."
    )
    open_ms: int | None = Field(
        None, ge=100, le=3000, description="The same where they might be one, or the beginning of more."
    )
    middle_ms: int | None = Field(
        None, ge=100, le=5000, description="The same where they stop in the middle of one."
    )
    spelling_ms: int | None = Field(
        None, ge=100, le=5000, description="The same after letters that may be all of a name, or not."
    )
    silence_s: float | None = Field(
        None, ge=2, le=60, description="After so long without a word the caller is asked once more."
    )
    barge_in: bool | None = Field(None, description="Whether callers can interrupt.")


class Limits(Part):
    turns: int = Field(80, ge=1, le=500, description="How many turns of the caller a call may take.")
    minutes: float = Field(15, gt=0, le=240, description="How long a call may take.")
    silences: int = Field(3, ge=1, le=20, description="How many silences in a row end the call.")
    misunderstandings: int = Field(5, ge=1, le=20, description="How many in a row hand the call over.")
    steps: int = Field(200, ge=1, le=5000, description="How many steps a call may go through.")


class Turn(Part):
    """One turn of a test: what the caller does, and what has to follow."""

    caller: str | None = Field(None, description="What the caller says.")
    silence_s: float | None = Field(None, gt=0, le=3600, description="For so long nobody says anything.")
    keypad: str | None = Field(None, description="Keys pressed: `12#`.")
    agent: Annotated[tuple[Text, ...], OneOrMore] = Field(
        (), description="Words that the reply has to contain, whatever their case."
    )
    agent_not: Annotated[tuple[Text, ...], OneOrMore] = Field(
        (), description="Words that it must not contain."
    )
    step: Name | None = Field(None, description="The step that the call is in then.")
    does: Annotated[tuple[Name, ...], OneOrMore] | None = Field(
        None, description="The actions that it leads to, and no others, in their order; `[]` for none."
    )
    slots: dict[Name, str] = Field(default_factory=dict, description="Values then, as they are written.")
    outcome: str | None = Field(None, description="The outcome, if the call ends here.")


class Test(Part):
    """A conversation with what has to come of it; `souffleur flows test` holds it."""

    __test__ = False  # pytest

    talk: tuple[Turn, ...] = Field(min_length=1, description="Turn by turn.")
    actions: dict[Name, Any] = Field(
        default_factory=dict,
        description="What each action gives, instead of being done: a result, or `timeout`, `refused`, `failed`; "
        "a list of these for one time after the other.",
    )
    given: dict[Name, str] = Field(default_factory=dict, description="Slots that the call itself gives.")
    today: str = Field("", description="The date of the call: `2026-11-23`.")
    slots: dict[Name, str] = Field(default_factory=dict, description="Values at the end.")
    outcome: str | None = Field(None, description="The outcome at the end.")


class Flow(Part):
    """A goal: what to find out, in which order, what to do with it, and what to say."""

    flow: Name = Field(description="Its name.")
    version: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")] = Field(
        description="Raised with each change: `1`, `1.2`."
    )
    language: str = Field("en-US", description="A BCP 47 tag.")
    about: Text = Field(description="What the call is about, in one sentence.")
    agent: Agent = Field(description="Who speaks.")
    imports: dict[Name, Text] = Field(
        default_factory=dict, description="Flows that steps may `call`: a name, and a file or a library name."
    )
    slots: dict[Name, Slot] = Field(default_factory=dict, description="What to find out.")
    ask: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="The slots in the order in which they are asked: short for a flow with one step."
    )
    steps: dict[Name, Step] = Field(
        default_factory=dict, description="The script, from the first step on. Without it, `ask` is all."
    )
    topics: dict[Name, Topic] = Field(
        default_factory=dict, description="What callers may bring up at any time."
    )
    gates: dict[Name, Gate] = Field(default_factory=dict, description="What callers have to prove.")
    disclosures: dict[Name, Disclosure] = Field(default_factory=dict, description="What has to be spoken.")
    actions: dict[Name, Action] = Field(
        default_factory=dict, description="What to look up or to do in other systems."
    )
    outcomes: dict[Name, OutcomeCode] = Field(
        default_factory=dict, description="Ways to end, beside the usual."
    )
    never_say: tuple[Text, ...] = Field((), description="Claims that the agent must not make, word for word.")
    done_when: Condition | None = Field(
        None, description="The goal is reached once this holds, whatever is left of the steps."
    )
    inputs: tuple[Name, ...] = Field((), description="Slots that a calling flow fills.")
    outputs: tuple[Name, ...] = Field((), description="Slots that a calling flow may take over.")
    lines: Lines = Field(Lines(), description="What is said at fixed places.")
    on: Patterns = Field(Patterns(), description="What to do when callers do what callers do.")
    knowledge: str | dict[Name, Text] = Field(
        "", description="A folder of Markdown pages beside the flow file, or several, each with a name."
    )
    listening: Listening = Field(Listening(), description="How to listen.")
    limits: Limits = Field(Limits(), description="What no call goes beyond.")
    tests: dict[str, Test] = Field(
        default_factory=dict,
        description="Conversations that `souffleur flows test` holds, by what they show.",
    )
    content_hash: str = Field("", exclude=True, description="Set by the loader; not written in files.")
