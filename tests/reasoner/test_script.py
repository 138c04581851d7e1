"""What an author may rely on that a form alone does not show: loops, corrections after a write, words said in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flows.expand import expand
from flows.schema import Flow
from reasoner.acts import Ask, Echo, ReadBack, Say, SayLine
from reasoner.conditions import depends_on
from reasoner.events import ActionDone, CallerSaid, CallStarted, Effect, PassagesFound, RunAction
from reasoner.machine import advance, start
from reasoner.state import GoalState, SlotState
from reasoner.types import Answer, Heard, Reading, SlotStatus, Understood, Utterance
from reasoner.whisper import compose
from tests.reasoner.scripts import random_flow, run

SHOP = {"flow": "shop", "version": "1", "about": "a test"}
AGENT = {"agent": {"name": "Ann", "company": "Acme", "business": "shop"}}
BOOKING = {
    "slots": {
        "day": {"type": "choice", "values": {"monday": [], "friday": []}, "confirm": "implicit"},
        "hour": {
            "type": "number",
            "confirm": "never",
            "valid": "string(hour) in free",
            "invalid": "That is taken.",
        },
        "free": {"type": "list", "source": "action"},
        "number": {"type": "number", "source": "action"},
    },
    "steps": {
        "when": {"ask": "day"},
        "look": {"do": "look"},
        "pick": {"ask": "hour"},
        "agree": {"question": "On {day} at {hour}?", "answers": {"yes": "book", "no": "when"}},
        "book": {"do": "book", "then": [{"say": "Your number is {number}.", "go": "more"}]},
        "more": {"question": "Anything else?", "answers": {"yes": "when", "no": "complete"}},
    },
    "actions": {
        "look": {"python": "x", "effect": "read", "with": {"day": "day"}, "gives": {"free": "result.free"}},
        "book": {
            "python": "x",
            "effect": "write",
            "with": {"day": "day", "hour": "hour"},
            "gives": {"number": "result.number"},
            "undo": "cancel",
        },
        "cancel": {"python": "x", "effect": "write"},
    },
}


def made(given: dict[str, Any], **imported: Flow) -> Flow:
    return expand(Flow.model_validate({**SHOP, **AGENT, **given}), imported)


class Talk:
    """A call, turn by turn. `did`: the actions asked for in the last turn."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.state, effects = advance(flow, start(flow, "call"), CallStarted(today="2026-11-23"))
        self.did = self._done(effects)

    def hears(self, answer: Answer | None = None, topics: tuple[str, ...] = (), **values: Any) -> GoalState:
        heard = tuple(Heard(name.replace("__", "."), value, 1.0, "words") for name, value in values.items())
        utterance = Utterance((Reading("words", 1.0),), self.state.at_s, self.state.at_s + 1)
        return self._take(
            CallerSaid(utterance, Understood(heard, answer, topics=topics), self.state.revision)
        )

    def gets(self, **result: Any) -> GoalState:
        assert self.state.doing is not None
        return self._take(ActionDone(self.state.doing.id, result))

    def said(self) -> str:
        return " ".join(line.text for line in compose(self.flow, self.state).reply)

    def _take(self, event: CallerSaid | ActionDone) -> GoalState:
        self.state, effects = advance(self.flow, self.state, event)
        self.did = self._done(effects)
        return self.state

    def _done(self, effects: tuple[Effect, ...]) -> list[str]:
        return [effect.action for effect in effects if isinstance(effect, RunAction)]


def booked() -> Talk:
    talk = Talk(made(BOOKING))
    talk.hears(day="monday")
    talk.gets(free=["9", "10"])
    talk.hears(hour=9)
    talk.hears(Answer.YES)
    talk.gets(number=7)
    return talk


def test_what_was_said_in_passing_counts_even_where_an_action_answered_in_between() -> None:
    talk = Talk(made(BOOKING))
    assert Echo(("day",)) in talk.hears(day="monday").acts
    talk.gets(free=["9"])
    assert talk.state.slots["day"].status is SlotStatus.HEARD
    assert talk.hears(hour=9).slots["day"].status is SlotStatus.CONFIRMED


def test_nothing_is_written_that_was_only_said_in_passing() -> None:
    steps = {"one": {"ask": "day", "do": "book"}}
    actions = {"book": {"python": "x", "effect": "write", "with": {"day": "day"}}}
    talk = Talk(made({"slots": {"day": BOOKING["slots"]["day"]}, "steps": steps, "actions": actions}))
    state = talk.hears(day="monday")
    assert (talk.did, state.acts[-1]) == ([], ReadBack(("day",)))
    talk.hears(Answer.YES)
    assert talk.did == ["book"]


def test_no_write_in_any_call_uses_what_is_not_confirmed() -> None:
    writes = 0
    for seed in range(300):
        flow = random_flow(seed)
        for before, _event, after, effects in run(flow, seed):
            for effect in effects:
                if not isinstance(effect, RunAction) or effect.takes_back:
                    continue
                action = flow.actions[effect.action]
                used = depends_on(flow, *action.with_.values()) if action.effect == "write" else ()
                writes += action.effect == "write"
                for name in used:
                    held = after.slots[name]
                    assert held.status is not SlotStatus.HEARD, f"seed {seed} revision {before.revision}"
    assert writes > 30


def test_a_day_changed_after_booking_takes_the_booking_back_and_asks_again_what_named_it() -> None:
    talk = booked()
    assert talk.hears(day="friday").acts[-1] == ReadBack(("day",))
    talk.hears(Answer.YES)
    assert talk.did == ["cancel", "look"]
    state = talk.gets(free=["9", "10"])
    assert (state.acts[-1], state.slots["hour"].value, talk.did) == (Ask("agree"), 9, [])
    assert "On friday at nine?" in talk.said()
    talk.hears(Answer.YES)
    assert talk.did == ["book"]


def test_a_value_that_turns_out_impossible_is_told_and_asked_for_again() -> None:
    talk = Talk(made(BOOKING))
    talk.hears(day="monday", hour=11)
    state = talk.gets(free=["9", "10"])
    assert state.slots["hour"].value is None
    assert state.acts[-2:] == (Say("That is taken."), Ask("hour"))
    assert talk.hears(hour=10).acts[-1] == Ask("agree")


def test_words_keep_the_values_that_a_loop_forgets_in_the_same_breath() -> None:
    steps = {
        "one": {"ask": "colour", "at_most": 3, "then": [{"say": "You chose {colour}.", "go": "one"}]},
    }
    colour = {"type": "choice", "values": {"red": [], "blue": []}, "confirm": "never"}
    talk = Talk(made({"slots": {"colour": colour}, "steps": steps}))
    assert talk.hears(colour="red").slots["colour"].value is None
    assert "You chose red." in talk.said()
    talk.hears(colour="blue")
    assert "You chose blue." in talk.said()


def test_a_way_sets_before_it_says() -> None:
    slots = {"n": {"type": "number", "start": "0"}, "x": {"type": "number", "confirm": "never"}}
    ways = [{"set": {"n": "n + 1"}, "say": "That is {n}.", "go": "two"}]
    talk = Talk(made({"slots": slots, "steps": {"one": {"then": ways}, "two": {"ask": "x"}}}))
    assert "That is one." in talk.said()


def test_an_answer_that_says_not_where_to_go_is_followed_by_the_then_of_its_step() -> None:
    steps = {
        "one": {
            "question": "Which?",
            "answers": {"left": {"say": "Left."}, "right": {"go": "complete"}},
            "then": "three",
        },
        "two": {"ask": "x"},
        "three": {"ask": "y"},
    }
    slots = {name: {"type": "yes_no", "confirm": "never"} for name in ("x", "y")}
    talk = Talk(made({"slots": slots, "steps": steps}))
    assert talk.hears(one="left").acts[-2:] == (Say("Left."), Ask("y"))


def test_a_topic_that_takes_over_leaves_the_question_of_its_step_unanswered() -> None:
    steps = {
        "one": {"question": "More?", "answers": {"yes": "complete", "no": "complete"}},
        "other": {"ask": "x", "then": "one"},
    }
    topics = {"other": {"says": "other", "go": "other"}}
    slots = {"x": {"type": "yes_no", "confirm": "never"}}
    talk = Talk(made({"slots": slots, "steps": steps, "topics": topics}))
    assert talk.hears(Answer.YES, topics=("other",), one=True).acts[-1] == Ask("x")
    assert talk.hears(x=True).acts[-1] == Ask("one")


def with_identity(given: dict[str, Any]) -> Flow:
    """A flow whose step `who` calls one with a gate."""
    identity = made(
        {
            "slots": {
                "pin": {"type": "digits", "length": "4"},
                "ok": {"type": "yes_no", "source": "action"},
                "known": {"type": "text", "source": "action"},
            },
            "steps": {"check": {"needs": "gate", "say": "Hello {known}."}},
            "gates": {"gate": {"ask": "pin", "do": "check", "passes": "ok"}},
            "actions": {
                "check": {
                    "python": "x",
                    "effect": "read",
                    "with": {"pin": "pin"},
                    "gives": {"ok": "result.ok", "known": "result.name"},
                }
            },
        }
    )
    slots = {"x": {"type": "yes_no", "confirm": "never"}, "y": {"type": "yes_no", "confirm": "never"}}
    return made({"slots": slots, "imports": {"identity": "identity"}, **given}, identity=identity)


WISHES = {
    "wish": {"ask": "x", "at_most": 3},
    "who": {"call": "identity"},
    "more": {"question": "More?", "answers": {"yes": "wish", "no": "complete"}},
}


def test_a_flow_called_a_second_time_does_not_ask_again_who_is_calling() -> None:
    talk = Talk(with_identity({"steps": WISHES}))
    talk.hears(x=True)
    talk.hears(who__pin="1234")
    talk.gets(ok=True, name="Ann Lee")
    assert "Hello Ann Lee. More?" in talk.said()
    talk.hears(more=True)
    state = talk.hears(x=False)
    assert (talk.did, state.slots["who.pin"].value) == ([], "1234")
    assert "Hello Ann Lee. More?" in talk.said()
    assert SayLine("not_verified") not in state.acts


def test_a_question_that_was_not_understood_is_put_in_other_words_whatever_is_said_first() -> None:
    slots = {"x": {"type": "text", "ask": "What is it?", "again": "A cough, or what?"}}
    talk = Talk(
        made({"slots": slots, "steps": {"s": {"ask": "x"}}, "on": {"not_understood": {"say": "Hm."}}})
    )
    talk.hears()
    assert talk.said() == "Hm. A cough, or what?"


def test_what_was_told_before_a_flow_is_called_is_not_asked_for_in_it() -> None:
    talk = Talk(with_identity({"steps": WISHES}))
    talk.hears(x=True, who__pin="1234")
    assert talk.did == ["who.check"]
    talk.gets(ok=True, name="Ann Lee")
    assert "Hello Ann Lee. More?" in talk.said()


def test_a_flow_that_is_called_again_asks_anew_but_for_what_was_said_just_now() -> None:
    number = {"type": "number", "confirm": "never"}
    story = made(
        {"flow": "story", "slots": {"a": number, "b": number}, "steps": {"told": {"ask": ["a", "b"]}}}
    )
    steps = {
        "tell": {"call": "story"},
        "more": {"question": "More?", "answers": {"yes": "tell", "no": "complete"}},
    }
    talk = Talk(made({"imports": {"story": "story"}, "steps": steps}, story=story))
    talk.hears(tell__a=1, tell__b=2)
    state = talk.hears(more=True, tell__b=3)
    assert (state.slots["tell.a"].value, state.slots["tell.b"].value) == (None, 3)


def test_a_proof_that_is_corrected_is_tried_again_and_the_called_flow_comes_back() -> None:
    talk = Talk(with_identity({"steps": WISHES}))
    talk.hears(x=True)
    talk.hears(who__pin="1234")
    talk.gets(ok=True, name="Ann Lee")
    talk.hears(who__pin="4321")
    assert talk.did == ["who.check"]
    state = talk.gets(ok=True, name="Ann Lee")
    assert (state.outcome, state.pending.slots, state.frames) == (None, ("more",), ())
    assert "Hello Ann Lee. More?" in talk.said()
    talk.hears(who__pin="9999")
    state = talk.gets(ok=False)
    assert (state.acts[-1], state.gates["who.gate"].passed) == (Ask("who.pin"), False)


def test_a_topic_that_takes_over_at_a_gate_leaves_all_that_waited_for_it() -> None:
    topics = {"other": {"says": "other", "go": "other"}}
    steps = {**WISHES, "other": {"ask": "y"}, "end": {"then": "complete"}}
    talk = Talk(with_identity({"steps": steps, "topics": topics}))
    talk.hears(x=True)
    assert len(talk.state.frames) == 2
    state = talk.hears(topics=("other",))
    assert (state.path, state.frames, state.acts[-1]) == (("wish", "other"), (), Ask("y"))
    assert talk.hears(y=True).code == "complete"


def test_the_last_answer_of_a_loop_that_is_used_up_stands() -> None:
    steps = {
        "try": {
            "ask": "x",
            "at_most": 2,
            "or_else": "end",
            "then": [{"if": "x", "go": "complete"}, {"go": "try"}],
        },
        "end": {"then": [{"if": "!x", "say": "No luck.", "go": "gave_up"}, {"go": "complete"}]},
    }
    talk = Talk(made({"slots": {"x": {"type": "yes_no", "confirm": "never"}}, "steps": steps}))
    assert talk.hears(x=False).acts[-1] == Ask("x")
    state = talk.hears(x=False)
    assert (state.code, state.slots["x"].value, state.path) == ("gave_up", False, ("try", "end"))


def test_a_secret_that_was_heard_badly_is_not_read_back() -> None:
    steps = {"one": {"needs": "gate", "ask": "x"}}
    slots = {"pin": {"type": "digits", "length": "4"}, "x": {"type": "yes_no", "confirm": "never"}}
    gates = {"gate": {"ask": "pin", "passes": 'pin == "1234"'}}
    flow = made({"slots": slots, "steps": steps, "gates": gates})
    state, _ = advance(flow, start(flow, "call"), CallStarted())
    heard = Understood((Heard("pin", "1284", 0.2, "words"),))
    state, _ = advance(flow, state, CallerSaid(Utterance((Reading("words", 0.2),), 0, 1), heard, 1))
    assert not any(isinstance(act, ReadBack) for act in state.acts)
    assert (SayLine("not_verified") in state.acts, state.acts[-1]) == (True, Ask("pin"))


def test_a_question_for_what_waits_behind_a_gate_is_told_why_it_is_not_answered() -> None:
    slots = {
        "pin": {"type": "digits", "length": "4"},
        "balance": {"type": "money", "source": "action", "protected_by": "gate"},
    }
    gates = {"gate": {"ask": "pin", "passes": 'pin == "1234"'}}
    flow = made({"slots": slots, "steps": {"one": {"needs": "gate", "say": "{balance}"}}, "gates": gates})
    state, _ = advance(flow, start(flow, "call"), CallStarted())
    for question, told in (
        ("What is my balance?", "once I know who you are"),
        ("Are you open?", "do not have"),
    ):
        utterance = Utterance((Reading(question, 1.0),), 0, 1)
        after, _ = advance(flow, state, CallerSaid(utterance, Understood(question=question), state.revision))
        after, _ = advance(flow, after, PassagesFound(question, (), after.revision))
        assert told in " ".join(line.text for line in compose(flow, after).reply)


def test_a_gate_that_was_failed_too_often_is_not_asked_again_whichever_way_the_caller_comes() -> None:
    talk = Talk(
        made(
            {
                "slots": {
                    "pin": {"type": "number", "confirm": "never"},
                    "balance": {"type": "yes_no", "confirm": "never"},
                    "other": {"type": "yes_no", "confirm": "never"},
                },
                "steps": {
                    "secret": {"needs": "gate", "ask": "balance"},
                    "without": {"ask": "other"},
                },
                "gates": {"gate": {"ask": "pin", "passes": "pin == 2", "attempts": 2, "locked": "without"}},
                "topics": {"secret": {"says": "my balance", "go": "secret"}},
            }
        )
    )
    talk.hears(pin=1)
    assert talk.hears(pin=3).pending.slots == ("other",)
    assert talk.hears(topics=("secret",)).pending.slots == ("other",)
    state = talk.hears(pin=2)  # the right one comes too late
    assert (state.gates["gate"].passed, state.gates["gate"].failed, state.slots["balance"].asked) == (
        False,
        2,
        0,
    )


def test_what_was_declined_while_it_was_optional_is_asked_for_once_the_flow_requires_it() -> None:
    slots = {"nick": {"type": "yes_no", "required": False}, "x": {"type": "yes_no"}}
    optional = made({"slots": slots, "ask": ["nick", "x"]})
    required = made({"slots": {**slots, "nick": {"type": "yes_no"}}, "ask": ["nick", "x"]})
    talk = Talk(optional)
    declined = replace(talk.state, slots={**talk.state.slots, "nick": SlotState(SlotStatus.DECLINED)})
    asked = {}
    for name, flow in (("optional", optional), ("required", required)):
        talk.flow, talk.state = flow, declined
        talk.hears(x=True)
        asked[name] = talk.hears(Answer.YES).pending.slots
    assert (asked["optional"], asked["required"][:1]) == ((), ("nick",))
