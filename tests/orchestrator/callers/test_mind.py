"""What a simulated caller says next, from what it heard and what it knows. In text."""

from datetime import date

from orchestrator.callers.facts import Field, Quirk, draw
from orchestrator.callers.listener import understand
from orchestrator.callers.mind import Mind, Say

PERSON = draw(7, voice="flite")
FACTS = PERSON.facts


def asked(mind: Mind, words: str, values: str = "") -> Say:
    return mind.reply(understand(words), values)


def plain() -> Mind:
    """A caller without quirks."""
    mind = Mind(PERSON)
    mind.left = set()
    return mind


def test_the_same_seed_gives_the_same_person_and_another_another() -> None:
    assert draw(7) == draw(7)
    assert len({draw(seed).facts for seed in range(20)}) == 20


def test_it_answers_a_question_from_its_own_facts() -> None:
    say = asked(plain(), "may i have your first and last name please")
    assert FACTS.first_name in say.text and FACTS.last_name in say.text


def test_it_says_yes_only_to_what_it_knows_to_be_right() -> None:
    right = f"your name is {FACTS.first_name} {FACTS.last_name} is that right"
    assert asked(plain(), right, right).meaning == "agrees"
    wrong = f"your name is {FACTS.first_name} becker is that right"
    assert asked(plain(), wrong, wrong).meaning == f"corrects {Field.NAME}"


def test_it_asks_again_before_it_doubts_what_it_could_not_make_out() -> None:
    mind, mush = plain(), "your date of birth is is that right"
    assert [asked(mind, mush).meaning for _ in range(3)] == [
        "asks to repeat",
        "asks to repeat",
        f"doubts {Field.DATE_OF_BIRTH}",
    ]


def test_every_quirk_shows_once_and_follows_from_the_conversation() -> None:
    mind, temper = Mind(PERSON), PERSON.temper
    assert mind.during(1.0, "") is None, "not before the agent has spoken for a while"
    assert mind.during(3.0, "") == Say("mm-hm", "backchannel")
    assert mind.during(9.0, "") is None
    questions = {
        Field.NAME: "may i have your name please",
        Field.DATE_OF_BIRTH: "what is your date of birth",
        Field.PHONE: "what phone number can we reach you at",
        Field.REASON: "what is the reason for your visit",
        Field.ALLERGIES: "do you have any allergies",
        Field.MEDICINES: "which medicines do you take",
        Field.INSURANCE: "which insurance do you have",
    }
    for field, words in questions.items():
        if field in mind.told:
            continue
        if asked(mind, words).meaning == "question":
            assert field is temper.asks_instead_of
            interruption = mind.during(3.0, "")
            assert interruption is not None and "interrupts" in interruption.meaning
    assert mind.left == set()
    assert sorted(mind.events) == sorted(quirk.value for quirk in Quirk)


def test_it_hangs_up_when_the_agent_says_goodbye_and_in_despair() -> None:
    assert asked(plain(), "you are all set goodbye").hangs_up
    mind = plain()
    said = [asked(mind, "of costs take your time") for _ in range(PERSON.temper.despair + 1)]
    assert [say.hangs_up for say in said][-1] and not said[0].hangs_up


def test_it_was_born_before_today() -> None:
    assert all(draw(seed).facts.born < date(2010, 1, 1) for seed in range(50))


def test_it_asks_its_question_though_the_one_that_reminds_it_never_comes() -> None:
    mind = Mind(PERSON)
    mind.left = {Quirk.QUESTION}
    assert PERSON.temper.asks_instead_of is not Field.CONSENT
    assert asked(mind, "may we keep these details in your record please say yes or no").meaning == "question"
