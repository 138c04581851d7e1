"""What a flow may want to find out: slots, their types, and how they are asked for and confirmed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from flows.part import Condition, Name, OneOrMore, Part, Text


class SlotType(StrEnum):
    """What kind of value a slot holds, and so how it is heard, checked and said."""

    PERSON_NAME = "person_name"
    TEXT = "text"  # the caller's own words
    CHOICE = "choice"  # one of `values`
    LIST = "list"  # some of `values`, or none
    YES_NO = "yes_no"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    PHONE = "phone"
    EMAIL = "email"
    DIGITS = "digits"  # a PIN, a postcode, a meter reading: said digit by digit, zeros in front count
    ID = "id"  # letters and digits, spelled: a booking code, a licence plate
    RECORD = "record"  # several fields together, given by an action


CODES = frozenset({SlotType.PHONE, SlotType.DIGITS, SlotType.ID})
"""Said character by character."""


class Confirm(StrEnum):
    """What makes a value count. One that was not heard well is read back, whatever is written here."""

    READ_BACK = "read_back"  # at once: "I have ... Is that right?"
    SPELL_BACK = "spell_back"  # the same, letter by letter
    TOGETHER = "together"  # with others, at the end of the step
    IMPLICIT = "implicit"  # said back in passing; counts unless the caller objects
    NEVER = "never"


_READ_BACK_TYPES = frozenset(
    {SlotType.PERSON_NAME, SlotType.DATE, SlotType.PHONE, SlotType.EMAIL, SlotType.DIGITS, SlotType.ID}
)
_UNCONFIRMED_TYPES = frozenset({SlotType.TEXT, SlotType.RECORD})


class Slot(Part):
    """Something to find out. `date_of_birth: date` is short for `date_of_birth: {type: date}`."""

    type: SlotType = Field(description="What kind of value it is.")
    label: str = Field(
        "",
        description="What to call it when talking about it; the slot's name, without `_`, where not given.",
    )
    ask: str = Field("", description="The question. Where not given, one is made from the label.")
    again: Annotated[tuple[Text, ...], OneOrMore] = Field(
        (), description="The question when it was not answered, or several, each for one more attempt."
    )
    confirm: Confirm | None = Field(
        None,
        description="What makes a value count. Where not given: names, dates, numbers to dial, codes and addresses "
        "are read back, other values together with others at the end of the step, a caller's own words never.",
    )
    min_confidence: float = Field(
        0.5, ge=0, le=1, description="A value heard with less is read back, whatever `confirm` says."
    )
    required: bool = Field(True, description="Whether the call can be complete without it.")
    required_if: Condition | None = Field(
        None, description="It is asked for, and required, only where this holds; else not asked for."
    )
    values: dict[str, Annotated[tuple[Text, ...], OneOrMore]] = Field(
        default_factory=dict,
        description="For choice and list: each value with other ways to say it. For yes_no: `yes` and `no` with more "
        "ways to say them.",
    )
    none: str = Field("", description="For a list: what to call it when there are none: `no allergies`.")
    no_preference: str = Field(
        "", description="The value for a caller who does not mind: `any`. Without it, that is no answer."
    )
    other: str = Field("", description="For a choice: the value for an answer that is none of them.")
    yes: str = Field("", description="For yes_no: how to read back a yes: `you agree`.")
    no: str = Field("", description="For yes_no: how to read back a no.")
    must_be_yes: bool = Field(False, description="For yes_no: a no ends the call with `declined`.")
    clear_yes: bool = Field(
        False, description="For yes_no: only a clear yes counts; `mm-hm`, `okay` or `fine` is asked again."
    )
    past: bool = Field(False, description="For a date: it cannot lie in the future.")
    future: bool = Field(False, description="For a date: it cannot lie in the past.")
    known: tuple[str, ...] = Field(
        default=(), description="For a name or text: words that the recogniser should know."
    )
    full: bool = Field(
        True, description="For a name: first and last name are wanted; false where one will do."
    )
    digits: int = Field(10, ge=3, le=15, description="For a phone: how many digits it has.")
    length: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(-\d{1,2})?$")] = Field(
        "1-40", description="For digits and id: how many characters: `6`, or `4-8`."
    )
    whole: bool = Field(True, description="For a number: whether it has no decimals.")
    min: float | None = Field(None, description="For a number or money: the least it can be.")
    max: float | None = Field(None, description="For a number or money: the most it can be.")
    unit: str = Field("", description="For a number: what is counted: `people`. For money: `dollars`.")
    fields: dict[Name, Literal["text", "number", "yes_no", "list"]] = Field(
        default_factory=dict, description="For a record: its fields and their kinds."
    )
    valid: Condition | None = Field(
        None, description="What has to hold of a value: `party_size <= 12`. It may look at other slots."
    )
    invalid: str = Field("", description="What to say to a value that is not valid.")
    start: str | None = Field(None, description="Its value when the call begins: a counter starts at `0`.")
    source: Literal["caller", "call", "action"] = Field(
        "caller",
        description="Who gives it: the caller; the call itself (the number that rings, a campaign's list); "
        "an action. The last two are never asked for.",
    )
    attempts: int = Field(4, ge=1, le=10, description="How often to ask before `give_up`.")
    give_up: str = Field(
        "",
        description="What then: a step, an outcome, or `skip`. Where not given: a person takes over if it is "
        "required, else it is skipped.",
    )
    keypad: bool = Field(True, description="Whether it can be keyed in, where its type allows.")
    protected_by: Name | None = Field(
        None, description="A gate: nothing of the value is said, or asked about, before it is passed."
    )
    remember: Literal["call", "caller", "never"] = Field(
        "call",
        description="How long it is kept: with the call; for the caller's next calls as well, once confirmed; not "
        "beyond the call's end, and never in what is written of it.",
    )
    known_by: Literal["identity", "phone"] = Field(
        "identity",
        description="For `remember: caller`: what a later call uses the value for. `identity`: only for a caller who "
        "has passed a gate. `phone`: for whoever rings from the same number, which tells them the value.",
    )
    pii: Literal["none", "personal", "sensitive"] = Field("personal", description="How private it is.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"type": given} if isinstance(given, str) else given

    @property
    def policy(self) -> Confirm:
        """How it is confirmed, by what is written or by its type."""
        if self.confirm is not None:
            return self.confirm
        if self.type in _UNCONFIRMED_TYPES or self.source != "caller":
            return Confirm.NEVER
        return Confirm.READ_BACK if self.type in _READ_BACK_TYPES else Confirm.TOGETHER

    @property
    def asked_for(self) -> bool:
        """Whether a caller can be asked for it at all."""
        return self.source == "caller" and self.start is None and self.type is not SlotType.RECORD

    @property
    def lengths(self) -> tuple[int, int]:
        """Fewest and most characters of digits or an id."""
        least, _, most = self.length.partition("-")
        return int(least), int(most or least)
