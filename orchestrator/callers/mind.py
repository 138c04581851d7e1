"""What the caller says, from what he heard, his facts and his temper. Pure: no audio, no clock, no agent.

`respond` is for a turn of the agent that is over, `overhear` for one that goes on, `silence` for none.
"""

from __future__ import annotations

import random
from collections import Counter

from orchestrator.callers import phrases_en as phrases
from orchestrator.callers.cues_en import Act, gist
from orchestrator.callers.facts import Facts, Field, Person, Quirk, slip_of
from orchestrator.callers.listener import Heard
from orchestrator.callers.moves import Ending, Meaning, Move, Say, Wait
from orchestrator.callers.readback import ReadBack
from orchestrator.callers.spoken_en import plain_words

_HUM_AFTER_S, _HUM_IN_PAUSE_S, _HUM_ANYWAY_AFTER_S = 1.2, 0.1, 4.0
_BREAK_IN_NEWS_AFTER_S = 2.5  # heard enough of an answer
_BREAK_IN_QUESTION_AFTER_S = 0.5
_NEWS_WORDS = 4
_ORDER = {field: at for at, field in enumerate(Field)}


class Mind:
    """One caller in one call."""

    def __init__(self, person: Person) -> None:
        self._facts, self._temper = person.facts, person.temper
        self._rng = random.Random(f"{person.seed} in the call")
        self._wishes = set(person.temper.quirks)
        self._breaks_in_from = self._rng.choice((Field.PHONE, Field.REASON, Field.MEDICINES))
        self._hums_early = self._rng.random() < 0.6
        self._told: dict[Field, Facts] = {}
        self._accepted: set[Field] = set()
        self._asked: Counter[Field] = Counter()
        self._due: Field | None = None  # asked, and not answered because of something else
        self._wrong: tuple[Field, ...] = ()
        self._unsure: Counter[Field] = Counter()
        self._puzzled = 0  # in a row
        self._silences = 0  # in a row
        self._wants_news = False
        self._spoke_over = False  # in this turn of the agent
        self._last: Say | None = None

    @property
    def told(self) -> frozenset[Field]:
        """What was said and not accepted yet: to be read back at any time."""
        return frozenset(self._told) - self._accepted

    @property
    def wishes(self) -> frozenset[Quirk]:
        """What the caller still has a mind to do."""
        return frozenset(self._wishes)

    def respond(self, heard: Heard) -> Move:
        """The agent has finished a turn."""
        self._spoke_over = False
        self._silences = 0
        if heard.gist.act is not Act.UNCLEAR:
            self._puzzled = 0
        move = self._respond(heard)
        if isinstance(move, Say):
            self._last = move
        return move

    def overhear(self, words: str, spoke_s: float, pause_s: float) -> Say | None:
        """The agent is in the middle of a turn.

        Args:
            words: of it so far.
            spoke_s: how long it goes on.
            pause_s: how long the agent has been silent in it just now.
        """
        if self._spoke_over:
            return None
        said = plain_words(words)
        meant = gist(said)
        is_news = meant.act is Act.TELLS and len(said) >= _NEWS_WORDS
        move = None
        if is_news and self._may_hum(spoke_s, pause_s):
            move = Say(phrases.LISTENING, Meaning.BACKCHANNEL, quirk=Quirk.BACKCHANNEL)
        elif Quirk.BARGE_IN in self._wishes:
            if is_news and self._wants_news and self._due and spoke_s >= _BREAK_IN_NEWS_AFTER_S:
                self._wants_news = False
                move = self._break_in(self._due, news=True)
            elif meant.act is Act.ASKS and meant.field and spoke_s >= _BREAK_IN_QUESTION_AFTER_S:
                move = self._break_in_question(meant.field)
        self._spoke_over = move is not None
        if move is not None and move.meaning is not Meaning.BACKCHANNEL:
            self._last = move
        return move

    def spoke_over(self, say: Say) -> None:
        """What `overhear` gave was really said while the agent was speaking."""
        if say.quirk is not None:
            self._wishes.discard(say.quirk)

    def silence(self, for_s: float) -> Move:
        """Nobody has spoken for `for_s`. Ask at any time; he bears it for a while, each time anew."""
        if for_s < self._temper.patience_s:
            return Wait()
        self._silences += 1
        if self._silences > 3:
            return Say(phrases.BYE[0], Meaning.BYE, then=Ending.NOBODY_THERE)
        if self._silences == 1 and self._last and self._last.about and not self._last.then:
            return self._again(self._last)
        return Say(self._rng.choice(phrases.HELLO), Meaning.PRESENCE)

    # --- turns -----------------------------------------------------------------------------------------------

    def _respond(self, heard: Heard) -> Move:
        match heard.gist.act:
            case Act.ASKS if heard.gist.field is not None:
                self._wants_news = False
                return self._asked_for(heard.gist.field, sorry=heard.gist.sorry)
            case Act.READS_BACK if heard.read_back is not None:
                return self._read_back(heard.read_back)
            case Act.ASKS_SPELLING:
                return self._spell(heard.words)
            case Act.ASKS_WHICH:
                return self._which()
            case Act.ASKS_REPEAT:
                return self._again(self._last) if self._last else self._puzzle()
            case Act.STILL_THERE:
                return self._present()
            case Act.ASKS_MORE:
                return Say(self._pick(phrases.NOTHING_MORE), Meaning.THANKS)
            case Act.HANDS_OVER:
                return Say(self._pick(phrases.THANKS), Meaning.THANKS)
            case Act.GOODBYE:
                return Say(self._pick(phrases.BYE), Meaning.BYE, then=Ending.GOODBYE)
            case Act.TELLS | Act.WAITS:
                self._wants_news = False
                return Wait()
            case _:
                return self._puzzle()

    def _asked_for(self, field: Field, *, sorry: bool) -> Say:
        self._asked[field] += 1
        if self._asked[field] > self._temper.despair:
            return self._give_up()
        if self._wishes_to_ask(field):
            self._wishes.discard(Quirk.QUESTION)
            self._wants_news, self._due = True, field
            words = phrases.question(self._temper.topic, self._rng, self._temper.chattiness)
            return Say(words, Meaning.QUESTION, quirk=Quirk.QUESTION)
        self._due = None
        if sorry or field in self._told:
            return self._answer_with_care(field)
        return self._answer(field)

    def _wishes_to_ask(self, field: Field) -> bool:
        """Not before the question that reminds him; then with the first that he has not answered."""
        comes = _ORDER[field] >= _ORDER[self._temper.asks_instead_of]
        return Quirk.QUESTION in self._wishes and comes and field not in self._told

    def _answer(self, field: Field) -> Say:
        temper, facts = self._temper, self._facts
        first, second = temper.pair
        if Quirk.TWO_AT_ONCE in self._wishes and field is first and second not in self._told:
            self._wishes.discard(Quirk.TWO_AT_ONCE)
            self._told |= {first: facts, second: facts}
            words = phrases.two_answers(facts, temper.pair, self._rng)
            return Say(words, Meaning.TWO_ANSWERS, temper.pair, Quirk.TWO_AT_ONCE)
        if Quirk.SLIP in self._wishes and field is temper.slips_on:
            return self._slip(field)
        self._told[field] = facts
        words = phrases.answer(facts, field, self._rng, temper.chattiness)
        if temper.thinks_aloud and self._rng.random() < 0.3:
            words = phrases.aloud(words, self._rng)
        return Say(words, Meaning.ANSWER, (field,))

    def _slip(self, field: Field) -> Say:
        self._wishes.discard(Quirk.SLIP)
        wrong = slip_of(self._facts, field, self._rng)
        if self._temper.slips_at_once:
            self._told[field] = self._facts
            words = phrases.slip_and_correct(wrong, self._facts, field, self._rng)
            return Say(words, Meaning.CORRECTION, (field,), Quirk.SLIP)
        self._told[field] = wrong
        return Say(phrases.plain_answer(wrong, field), Meaning.SLIP, (field,), Quirk.SLIP)

    def _answer_with_care(self, field: Field) -> Say:
        """Asked once more, he says it plainly; a name that is not understood he spells."""
        self._told[field] = self._facts
        self._accepted.discard(field)
        if field is Field.NAME and self._asked[field] > 2:
            return Say(
                phrases.spelling(self._facts.last_name, "my last name is spelled"), Meaning.SPELLING, (field,)
            )
        return Say(phrases.plain_answer(self._facts, field), Meaning.ANSWER, (field,))

    def _read_back(self, read: ReadBack) -> Move:
        if read.wrong:
            self._wrong = read.wrong
            self._accepted -= set(read.wrong)
            slipped = any(self._told.get(field, self._facts) != self._facts for field in read.wrong)
            words = phrases.correction(
                self._facts, read.wrong, only_the_day=slipped and read.only_the_day, rng=self._rng
            )
            self._told |= dict.fromkeys(read.wrong, self._facts)
            return Say(words, Meaning.CORRECTION if slipped else Meaning.NO, read.wrong)
        if read.unsure or not read.right:
            return self._doubt(read.unsure)
        self._accepted |= set(read.right)
        self._wrong = ()
        self._unsure.clear()
        return Say(phrases.yes(self._rng), Meaning.YES, read.right)

    def _doubt(self, unsure: tuple[Field, ...]) -> Say:
        """Never yes to what was not heard: have it repeated, and if that does not help say again what is right."""
        if not unsure:
            return self._puzzle()
        if any(self._unsure[field] for field in unsure):
            self._unsure.clear()
            words = ", and ".join(phrases.plain_answer(self._facts, field) for field in unsure[:2])
            return Say(words, Meaning.REPEATS, unsure)
        self._unsure.update(unsure)
        return Say(phrases.say_again(self._rng), Meaning.ASKS_TO_REPEAT)

    def _spell(self, words: str) -> Say:
        self._asked[Field.NAME] += 1
        if self._asked[Field.NAME] > self._temper.despair + 2:
            return self._give_up()
        first = "first name" in words and "last name" not in words
        name = self._facts.first_name if first else self._facts.last_name
        self._told[Field.NAME] = self._facts
        return Say(phrases.spelling(name), Meaning.SPELLING, (Field.NAME,))

    def _which(self) -> Say:
        if not self._wrong:
            return self._puzzle()
        return Say(phrases.plain_answer(self._facts, self._wrong[0]), Meaning.NO, self._wrong[:1])

    def _present(self) -> Say:
        again = (
            phrases.plain_answer(self._facts, self._last.about[0]) if self._last and self._last.about else ""
        )
        answered = self._last.about[:1] if self._last else ()
        if self._last and self._last.meaning is Meaning.YES:
            again = phrases.yes(self._rng)
        return Say(f"{phrases.HERE} {again}".strip(), Meaning.PRESENCE, answered)

    def _again(self, last: Say) -> Say:
        """What he said last, in plain words where it was an answer."""
        if last.meaning in (Meaning.ANSWER, Meaning.TWO_ANSWERS, Meaning.REPEATS):
            words = ", and ".join(phrases.plain_answer(self._facts, field) for field in last.about[:2])
            return Say(words, Meaning.REPEATS, last.about)
        return Say(last.words, last.meaning, last.about)

    def _puzzle(self) -> Say:
        self._puzzled += 1
        if self._puzzled > self._temper.despair:
            return self._give_up()
        return Say(phrases.say_again(self._rng), Meaning.ASKS_TO_REPEAT)

    def _give_up(self) -> Say:
        return Say(phrases.GIVES_UP, Meaning.BYE, then=Ending.DESPAIR)

    # --- over the agent's voice ------------------------------------------------------------------------------

    def _may_hum(self, spoke_s: float, pause_s: float) -> bool:
        """In a pause of somebody who tells something; not where a sound could pass for an answer."""
        if Quirk.BACKCHANNEL not in self._wishes or not (self._hums_early or self._wants_news):
            return False
        return spoke_s >= _HUM_AFTER_S and (pause_s >= _HUM_IN_PAUSE_S or spoke_s >= _HUM_ANYWAY_AFTER_S)

    def _break_in_question(self, field: Field) -> Say | None:
        """He knows what is coming and answers before the question is over."""
        if _ORDER[field] < _ORDER[self._breaks_in_from] or field in self._told or self._wishes_to_ask(field):
            return None
        return self._break_in(field, news=False)

    def _break_in(self, field: Field, *, news: bool) -> Say:
        self._due = None
        if not news:
            self._asked[field] += 1
        self._told[field] = self._facts
        words = phrases.plain_answer(self._facts, field)
        words = phrases.breaking_in(words, self._rng) if news else words
        return Say(words, Meaning.ANSWER, (field,), Quirk.BARGE_IN)

    def _pick(self, ways: tuple[str, ...]) -> str:
        return self._rng.choice(ways)
