"""A car is rented: what is not wanted beside what is, numbers that are weighed, wishes, and names of several words."""

from __future__ import annotations

import pytest

from reasoner.types import Channel, Value, Waiting
from tests.reasoner.understand.asking import INTAKE, asked, values
from tests.reasoner.understand.asking import heard as heard_at_the_clinic
from tests.reasoner.understand.made_flows import RESTAURANT, found, made, turn

RENTAL = made(
    "car rental",
    {
        "extras": {
            "type": "list",
            "label": "extras",
            "ask": "Would you like any extras?",
            "none": "no extras",
            "values": {
                "child seat": ["baby seat"],
                "roof rack": ["roof box"],
                "satnav": ["GPS", "navigation"],
                "snow chains": [],
                "wi-fi": ["wifi", "internet"],
            },
        },
        "car": {
            "type": "choice",
            "ask": "Which car would you like?",
            "values": {
                "small car": ["small", "compact"],
                "van": ["minivan"],
                "estate car": ["estate", "station wagon"],
                "convertible": ["cabrio"],
            },
        },
        "insurance": {"type": "yes_no", "ask": "Do you need insurance?"},
        "days": {"type": "number", "unit": "days", "ask": "For how many days?", "min": 1, "max": 60},
        "hour": {"type": "time", "label": "pick-up time", "ask": "At what time?"},
        "driver": {"type": "person_name", "label": "name", "ask": "What is your name?"},
    },
)
TYPED = pytest.mark.parametrize("channel", [Channel.TEXT, Channel.SPEECH])


def said(words: str, slot: str, channel: Channel = Channel.TEXT) -> dict[str, Value]:
    spoken = words.lower().replace(",", "") if channel is Channel.SPEECH else words
    return found(turn(RENTAL, spoken, slot, channel=channel))


@TYPED
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("no child seat, but a roof rack", ("roof rack",)),
        ("no child seat but a roof rack please", ("roof rack",)),
        ("a roof rack but no child seat", ("roof rack",)),
        ("no child seat and no roof rack, just a satnav", ("satnav",)),
        ("no child seat or roof rack, but snow chains", ("snow chains",)),
        ("no child seat and a roof rack", ("roof rack",)),
        ("we don't need a child seat but a roof rack would be great", ("roof rack",)),
        ("without a child seat but with a roof rack", ("roof rack",)),
        ("a satnav and no snow chains", ("satnav",)),
        ("no, no child seat, just the roof rack", ("roof rack",)),
        ("skip the child seat, but add a roof rack", ("roof rack",)),
        ("everything except the child seat", ("roof rack", "satnav", "snow chains", "wi-fi")),
    ],
)
def test_a_no_covers_what_it_stands_before_and_nothing_else(
    words: str, wanted: tuple[str, ...], channel: Channel
) -> None:
    assert said(words, "extras", channel) == {"extras": wanted}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("no, a roof rack", ("roof rack",)),
        ("no, child seat", ("child seat",)),
        ("no thanks, but a satnav", ("satnav",)),
        ("nothing but a satnav", ("satnav",)),
        ("a child seat and a roof rack", ("child seat", "roof rack")),
        ("not only a child seat but also a roof rack", ("child seat", "roof rack")),
        ("no extras", ()),
        ("a child seat, no problem", ("child seat",)),
    ],
)
def test_a_no_that_is_to_something_else_takes_nothing_away(words: str, wanted: tuple[str, ...]) -> None:
    assert said(words, "extras") == {"extras": wanted}


@pytest.mark.parametrize(
    "words",
    [
        "no child seat",
        "no satnav, no child seat",
        "neither a child seat nor a roof rack",
        "I don't want a child seat",
        "we don't need a roof rack",
        "no satnav or snow chains",
    ],
)
def test_who_names_only_what_is_not_wanted_wants_nothing_and_is_asked_to_confirm_it(words: str) -> None:
    (heard,) = turn(RENTAL, words, "extras").values
    assert heard.value == ()
    assert heard.confidence <= RENTAL.slots["extras"].min_confidence


def test_no_penicillin_is_not_taken_for_no_allergies() -> None:
    assert not values(heard_at_the_clinic(asked("allergies"), "no penicillin"))
    both = values(heard_at_the_clinic(asked("allergies"), "no penicillin but latex"))
    assert both == {"allergies": ("latex",)}
    assert INTAKE.slots["allergies"].none


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("no child seat", ("child seat",)),  # a roof rack was misheard
        ("no a child seat", ("child seat",)),
        ("no child seat but a satnav", ("satnav",)),
        ("no we don't need a roof rack but a child seat", ("child seat",)),
        ("we don't need the roof rack", ()),
    ],
)
def test_a_no_to_what_was_read_back_puts_it_right(words: str, wanted: tuple[str, ...]) -> None:
    understood = turn(RENTAL, words, "extras", waiting=Waiting.CONFIRMATION, extras=("roof rack",))
    assert found(understood) == {"extras": wanted}


@TYPED
@pytest.mark.parametrize(
    ("words", "car"),
    [
        ("no van, but an estate car", "estate car"),
        ("not the van, the estate", "estate car"),
        ("an estate but no van", "estate car"),
        ("the estate uh no convertible", "convertible"),
        ("a van, no, small", "small car"),
        ("van no small", "small car"),
        ("we don't need a van but a small car", "small car"),
        ("no convertible just something small", "small car"),
        ("no van and no estate but a convertible", "convertible"),
        ("a van would be nice", "van"),
    ],
)
def test_of_several_choices_the_one_that_is_not_denied_counts(words: str, car: str, channel: Channel) -> None:
    assert said(words, "car", channel) == {"car": car}


@TYPED
@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("four or five days, five to be safe", 5),
        ("four or five, let's say five", 5),
        ("four to five days, make it five", 5),
        ("three or four, probably four", 4),
        ("five or six, I'd say six", 6),
        ("between four and five, say five", 5),
        ("ten days, twelve to be on the safe side", 12),
        ("a week or ten days, ten days to be sure", 10),
        ("four or five, better five", 5),
        ("three, or four, four", 4),
        ("four or maybe five days, so five", 5),
    ],
)
def test_the_number_that_is_settled_on_counts(words: str, days: int, channel: Channel) -> None:
    assert said(words, "days", channel) == {"days": days}


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("four or five days", 4),
        ("four to five days", 4),
        ("four days, I think", 4),
        ("four days, maybe five", 4),
        ("three days if possible, otherwise four", 3),
        ("about four, five at most", 4),
        ("two days, maybe three, no two", 2),
        ("four, no, five", 5),
    ],
)
def test_a_number_that_is_only_weighed_settles_nothing(words: str, days: int) -> None:
    assert said(words, "days") == {"days": days}


def test_numbers_of_something_else_settle_nothing() -> None:
    words = "a table for four, two adults and two kids"
    assert found(turn(RESTAURANT, words, "people"))["people"] == 4


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ("at three or four in the afternoon, four to be safe", "16:00"),
        ("half past three or four, I'd say four", "16:00"),
        ("around noon or one, one is better", "13:00"),
        ("three or four in the afternoon", "15:00"),
    ],
)
def test_a_time_is_settled_on_as_a_number_is(words: str, hour: str) -> None:
    assert said(words, "hour") == {"hour": hour}


@TYPED
@pytest.mark.parametrize(
    ("words", "extras"),
    [
        ("wi-fi would be nice", ("wi-fi",)),
        ("a satnav would be great", ("satnav",)),
        ("it would be nice to have wi-fi", ("wi-fi",)),
        ("could do with a roof rack", ("roof rack",)),
        ("I'd love a child seat", ("child seat",)),
        ("a child seat and wi-fi would be lovely", ("child seat", "wi-fi")),
        ("I wouldn't mind a roof rack", ("roof rack",)),
    ],
)
def test_a_wish_names_what_is_wanted(words: str, extras: tuple[str, ...], channel: Channel) -> None:
    assert said(words, "extras", channel) == {"extras": extras}


@TYPED
@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Anna van der Berg", "Anna van der Berg"),
        ("my name is Peter van der Berg", "Peter van der Berg"),
        ("it's Maria de la Cruz", "Maria de la Cruz"),
        ("Anna Maria von der Leyen", "Anna Maria von der Leyen"),
        ("Daniel da Vinci", "Daniel da Vinci"),
        ("this is Peter van den Broek", "Peter van den Broek"),
        ("Carlos dos Santos", "Carlos dos Santos"),
        ("Maria di Stefano", "Maria di Stefano"),
        ("Sean O'Neill", "Sean O'Neill"),
        ("Sean O Neill", "Sean O'Neill"),
    ],
)
def test_a_family_name_of_several_words_is_one(words: str, name: str, channel: Channel) -> None:
    heard = said(words, "driver", channel)
    assert {slot: str(value).casefold() for slot, value in heard.items()} == {"driver": name.casefold()}
    if channel is Channel.TEXT:
        assert heard == {"driver": name}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Ian Mac Donald", "Ian Mac Donald"),
        ("ian mac donald", "Ian MacDonald"),
        ("ian mc donald", "Ian McDonald"),
    ],
)
def test_mac_donald_is_written_as_it_is_typed_and_else_in_one_word(words: str, name: str) -> None:
    assert found(turn(RENTAL, words, "driver")) == {"driver": name}


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("I need a van", {"car": "van"}),
        ("Anna, van please", {"driver": "Anna", "car": "van"}),
        ("David O Russell", {"driver": "David O Russell"}),
        ("Anna Clark, a van", {"driver": "Anna Clark", "car": "van"}),
        ("the van for Anna Clark", {"driver": "Anna Clark", "car": "van"}),
        ("Anna, ten days", {"driver": "Anna", "days": 10}),
    ],
)
def test_what_only_looks_like_a_part_of_a_name_is_none(words: str, heard: dict[str, Value]) -> None:
    assert found(turn(RENTAL, words, "driver")) == heard


def test_a_given_name_that_is_put_right_leaves_a_long_family_name_whole() -> None:
    understood = turn(RENTAL, "no, Hanna", "driver", waiting=Waiting.CONFIRMATION, driver="Anna van der Berg")
    assert found(understood) == {"driver": "Hanna van der Berg"}


def test_a_family_name_behind_a_given_name_that_nobody_made_out_is_asked_for_again() -> None:
    assert not said("my name is xq van der Berg", "driver", Channel.SPEECH)
    assert said("my name is van der Berg", "driver", Channel.SPEECH) == {"driver": "van der Berg"}


@TYPED
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("child seat yes, satnav no", ("child seat",)),
        ("the child seat no, the satnav yes", ("satnav",)),
        ("snow chains no, wi-fi yes, satnav yes", ("satnav", "wi-fi")),
    ],
)
def test_a_yes_or_no_behind_each_is_to_that(words: str, wanted: tuple[str, ...], channel: Channel) -> None:
    heard = said(words, "extras", channel)["extras"]
    assert isinstance(heard, tuple) and set(heard) == set(wanted)


@pytest.mark.parametrize(
    ("words", "wanted"), [("a child seat, no, a satnav", "satnav"), ("satnav yes", "satnav")]
)
def test_a_no_between_two_puts_the_first_right(words: str, wanted: str) -> None:
    assert wanted in str(said(words, "extras"))


@pytest.mark.parametrize(
    ("words", "value"), [("no more than twenty", 20), ("at most ten", 10), ("maybe forty, fifty tops", 40)]
)
def test_the_most_there_can_be_of_what_was_asked_for_is_of_that(words: str, value: int) -> None:
    assert said(words, "days") == {"days": value}
