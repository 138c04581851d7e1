"""A caller makes out what the agent wants, from its words alone."""

from __future__ import annotations

import pytest

from flows.loader import load_flow
from orchestrator.simulate.ear import Claim, Ear, Prompt
from reasoner.types import NamePart, Value

FLOW = load_flow("medical_intake")
TRUTH: dict[str, Value] = {
    "name": "Maria Gonzales",
    "date_of_birth": "1982-06-06",
    "phone": "5552123456",
    "reason": "headache",
    "allergies": ("penicillin", "peanuts"),
    "medicines": (),
    "insurance": "Cigna",
    "consent": True,
}


def hear(text: str, without: tuple[str, ...] = ()) -> Prompt:
    truth = {name: value for name, value in TRUTH.items() if name not in without}
    return Ear(FLOW).hear(text, truth, list(truth), [])


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Okay. What is your date of birth?", "date_of_birth"),
        ("Are you still there? Please say the ten digits of your phone number, one by one.", "phone"),
        (
            "A first visit costs one hundred dollars. Back to my question. Do you have any allergies?",
            "allergies",
        ),
        ("Could you tell me which insurance you have?", "insurance"),
    ],
)
def test_a_question_of_the_flow_is_known_whatever_stands_around_it(text: str, asked: str) -> None:
    assert hear(text).asked == (asked,)


def test_of_several_values_read_back_each_is_checked() -> None:
    prompt = hear(
        "Let me read that back. The reason for your visit is fever. Your allergies are penicillin and peanuts. "
        "I have noted no medicines. Is all of that right?"
    )
    assert prompt.confirm
    assert prompt.claims == (Claim("reason", False), Claim("allergies", True), Claim("medicines", True))


def test_what_was_never_told_is_not_accepted_as_told() -> None:
    prompt = hear("Your insurance is Aetna. Is that right?", without=("insurance",))
    assert prompt.claims == (Claim("insurance", False),)


def test_a_no_is_not_taken_for_a_yes() -> None:
    assert hear("You do not agree that we keep your details. Is that right?").claims == (
        Claim("consent", False),
    )


def test_spelling_what_is_wrong_and_waiting_are_told_apart() -> None:
    assert hear("Please spell your last name, with a word for each letter.").spell is NamePart.FAMILY
    assert hear("What is not right: the reason for your visit or your allergies?").which
    assert hear("Of course, take your time.").patience
    assert not hear("Thank you.").is_clear


PRACTICE = load_flow("interview_practice")


@pytest.mark.parametrize("talked_of", ["conflict.where", "failure.where"])
def test_of_two_values_that_are_called_the_same_it_is_the_one_talked_of_that_is_read_back(
    talked_of: str,
) -> None:
    truth = {"conflict.where": "at the bank", "failure.where": "in a kitchen in lyon"}
    said = str(truth[talked_of])
    prompt = Ear(PRACTICE).hear(
        f"Your situation is {said}. Is that right?", truth, list(truth), [], talked_of
    )
    assert prompt.claims == (Claim(talked_of, True),)
    wrong = Ear(PRACTICE).hear("Your situation is no idea. Is that right?", truth, list(truth), [], talked_of)
    assert wrong.claims == (Claim(talked_of, False),)
