"""What a simulated caller makes of the agent's words, as its own recogniser heard them."""

from datetime import date

import pytest

from orchestrator.callers.cues_en import Act
from orchestrator.callers.facts import Facts, Field
from orchestrator.callers.listener import agrees, is_read_back, read_back_in, understand, verdict

FACTS = Facts(
    first_name="susan",
    last_name="clark",
    born=date(1986, 3, 14),
    phone="5552134789",
    reason="back pain",
    allergies=("penicillin", "dust"),
    medicines=(),
    insurance="Blue Cross",
)


@pytest.mark.parametrize(
    ("heard", "act", "asks"),
    [
        ("may i have your first and last name please", Act.ASKS, Field.NAME),
        ("got it what is your date of birth", Act.ASKS, Field.DATE_OF_BIRTH),
        ("thank you what phone number can we reach you at", Act.ASKS, Field.PHONE),
        ("do you have any allergies", Act.ASKS, Field.ALLERGIES),
        ("may we keep these details in your record please say yes or no", Act.ASKS, Field.CONSENT),
        (
            "please spell your last name with a word for each letter like k as in kilo",
            Act.ASKS_SPELLING,
            Field.NAME,
        ),
        ("please key in your phone number on your keypad or say it once more", Act.ASKS_KEYS, Field.PHONE),
        ("your name is susan clark is that right", Act.READS_BACK, None),
        ("let me read that back your insurance is blue cross is olive that right", Act.READS_BACK, None),
        ("what is not right the reason for your visit or your allergies", Act.ASKS_WHICH, None),
        ("you are all set we look forward to seeing you goodbye", Act.GOODBYE, None),
        ("i will connect you with a person at the front desk now", Act.HANDS_OVER, None),
        ("parking is free for patients", Act.UNCLEAR, None),
    ],
)
def test_it_knows_what_is_wanted(heard: str, act: Act, asks: Field | None) -> None:
    turn = understand(heard)
    assert (turn.act, turn.asks) == (act, asks)


@pytest.mark.parametrize(
    ("what", "heard", "right"),
    [
        (Field.NAME, "your name is susan clark is that right", True),
        (Field.NAME, "your name is susan baker is that right", False),
        (Field.DATE_OF_BIRTH, "your date of birth is march fourteenth nineteen eighty six", True),
        (Field.DATE_OF_BIRTH, "your date of birth is march fourth nineteen eighty six", False),
        (Field.DATE_OF_BIRTH, "your date of birth is made", None),
        (Field.PHONE, "your phone number is five five five two one three four seven eight nine", True),
        (Field.PHONE, "your phone number is five five five two one three four seven nine nine", False),
        (Field.PHONE, "your found number is", None),
        (Field.REASON, "the reason for your visit is back pain", True),
        (Field.REASON, "the reason for your visit is a rash", False),
        (Field.ALLERGIES, "your allergies are penicillin and dust", True),
        (Field.ALLERGIES, "your allergies are penicillin and latex", False),
        (Field.ALLERGIES, "your allergies are penicillin", None),
        (Field.MEDICINES, "i have noted no medicines", True),
        (Field.MEDICINES, "your medicines are insulin", False),
        (Field.INSURANCE, "your insurance is aetna", False),
        (Field.CONSENT, "you agree that we keep your details", True),
        (Field.CONSENT, "you do not agree that we keep your details", False),
    ],
)
def test_it_agrees_only_with_its_own_facts(what: Field, heard: str, right: bool | None) -> None:
    assert agrees(what, heard, FACTS, spelled=False) is right


def test_letters_count_though_only_the_ear_for_values_heard_them() -> None:
    """It takes an unknown surname for another one, and spells it right all the same."""
    values = "your name is susan tucker spelled c. as in charlie l. as in lima a. as in alpha r. as in romeo k. as in kilo"
    garbled = "your name is susan clock spelled see has in charlie linemen to as an alpha is that right"
    assert verdict(Field.NAME, (values, garbled), FACTS, spelled=False) is True
    assert (
        verdict(
            Field.NAME, (values.replace("k. as in kilo", "t. as in tango"), garbled), FACTS, spelled=False
        )
        is False
    )


def test_letters_that_no_ear_made_out_deny_nothing() -> None:
    garbled = "your name is susan tucker spelled he as in shelley and as an ark as in her is that right"
    assert verdict(Field.NAME, ("", garbled), FACTS, spelled=True) is None
    assert (
        verdict(Field.NAME, ("thank you your name is susan t. as in tom", garbled), FACTS, spelled=True)
        is None
    )


def test_a_spelled_name_is_checked_letter_by_letter() -> None:
    right = "c. as in charlie l. as in lima a. as in alpha r. as in romeo k. as in kilo"
    assert agrees(Field.NAME, right, FACTS, spelled=True) is True
    assert agrees(Field.NAME, right.replace("k. as in kilo", "t. as in tango"), FACTS, spelled=True) is False


@pytest.mark.parametrize("insurance", ["medicare", "medicaid", "medic care"])
def test_an_insurance_is_no_medicine(insurance: str) -> None:
    assert understand(f"your insurance is {insurance} is that right").reads == {Field.INSURANCE}


def test_the_open_ear_alone_denies_no_figures() -> None:
    garbled = "your date of birth is march fourteenth two thousand to you is that right"
    assert verdict(Field.DATE_OF_BIRTH, ("", garbled), FACTS, spelled=False) is None
    assert verdict(Field.DATE_OF_BIRTH, (garbled, ""), FACTS, spelled=False) is False


def test_letters_do_not_make_up_for_somebody_elses_first_name() -> None:
    letters = "spelled c. as in charlie l. as in lima a. as in alpha r. as in romeo k. as in kilo"
    assert agrees(Field.NAME, f"your name is donna clark {letters}", FACTS, spelled=True) is False
    assert agrees(Field.NAME, f"your name is susan clark {letters}", FACTS, spelled=True) is True


def test_the_ear_for_values_tells_a_read_back_from_a_question() -> None:
    assert is_read_back("sorry about that your name is susan clark spelled c. as in charlie is that right")
    assert not is_read_back("okay lisa kelley i heard i. as in ink with right great right are they right")
    assert not is_read_back("thank you your phone number is one nine one")


def test_a_name_that_sounds_right_and_is_spelled_otherwise_is_wrong() -> None:
    heard = "your name is susan clark spelled c. as in charlie l. as in lima o. as in oscar r. as in romeo k. as in kilo"
    assert agrees(Field.NAME, heard, FACTS, spelled=True) is False
    part = "your name is susan clark spelled l. as in lima a. as in alpha r. as in romeo is that right"
    assert agrees(Field.NAME, part, FACTS, spelled=True) is True


def test_a_date_read_back_is_seen_by_the_ear_for_values() -> None:
    assert Field.DATE_OF_BIRTH in read_back_in("your date of birth is noted thank you")


def test_one_letter_tells_a_name_from_one_that_sounds_alike() -> None:
    alike = "your name is susan clark with k. as in kilo"
    assert verdict(Field.NAME, (alike, "your name is susan clark"), FACTS, spelled=True) is True
    other = alike.replace("k. as in kilo", "n. as in november")
    assert verdict(Field.NAME, (other, "your name is susan clark"), FACTS, spelled=True) is False


def test_one_ear_that_heard_it_right_is_enough_and_one_that_heard_nothing_decides_nothing() -> None:
    right, mush = "your insurance is blue cross", "your end sharon says"
    assert verdict(Field.INSURANCE, (mush, right), FACTS, spelled=False) is True
    assert verdict(Field.INSURANCE, (mush, ""), FACTS, spelled=False) is None
