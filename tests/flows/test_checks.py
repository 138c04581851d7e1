"""What an author is told about a flow whose parts do not go together. Each case is an example with one slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.loader import check_file
from tests.flows.writing import SOURCES, told_of, write_examples

Slip = tuple[str, tuple[str, str], str]

NAMES: list[Slip] = [
    ("form", ("ask: [name,", "ask: [nam,"), "error nam, phone, callback_time] | `ask` names `nam`, and there is no such slot. Did you mean `name`?"),
    ("steps", ("    ask: invoice", "    ask: invoce"), "error invoce | `ask` names `invoce`, and there is no such slot. Did you mean `invoice`?"),
    ("steps", ("      - go: repair", "      - go: repare"), "error repare | `go` names `repare`, and there is no such step or outcome. Did you mean `repair`?"),
    ("steps", ("then: complete", "then: compleet"), "error compleet | `go` names `compleet`"),
    ("questions", ("no: handed_over}", "no: hand_over}"), "error hand_over} | `go` names `hand_over`"),
    ("loops", ("or_else: enough", "or_else: enuff"), "error enuff | `or_else` names `enuff`"),
    ("loops", ("{score: score + 1}", "{scor: score + 1}"), "error scor: score + 1}, say: That is right., go: more} | `set` names `scor`"),
    ("actions", ("    do: look_up", "    do: lookup"), "error lookup | `do` names `lookup`, and there is no such action. Did you mean `look_up`?"),
    ("actions", ("undo: reopen_order", "undo: reopen"), "error reopen | `undo` names `reopen`"),
    ("actions", ("gives: {status:", "gives: {state:"), "error state: result.status} | `gives` names `state`"),
    ("gates", ("needs: identity", "needs: identify"), "error identify | `needs` names `identify`, and there is no such gate or disclosure. Did you mean `identity`?"),
    ("gates", ("protected_by: identity", "protected_by: id"), "error id} | `protected_by` names `id`, and there is no such gate"),
    ("gates", ("do: check_pin", "do: check_pins"), "error check_pins | `do` names `check_pins`"),
    ("gates", ("locked: locked_out", "locked: lockedout"), "error lockedout | `locked` names `lockedout`"),
    ("topics", ("visit: where_is_it", "visit: where"), "error where} | `visit` names `where`, and there is no such step"),
    ("topics", ("human: meter_desk", "human: desk"), "error desk | `go` names `desk`"),
    ("calls", ("flow: identity", "flow: identify"), "error identify | `flow` names `identify`, and there is no such import"),
    ("calls", ("customer_number}", "number}"), "error number} | the flow `identity` has no output `number`. Did you mean `name`?"),
    ("calls", ("gives: {customer:", "with: {nam: wish}\n      gives: {customer:"), "error nam: wish} | the flow `identity` has no input `nam`. Did you mean `name`?"),
    ("calls", ("customer: {type: digits, length: 6,", "customer: {type: text,"), "error customer_number} | `customer` is a text, and `customer_number` of `identity` is a digits"),
    ("knowledge", ("pages: [hours]", "pages: [hour]"), "error hour], passages: 2, within_ms: 200} | `pages` names `hour`, and there is no such folder of pages. Did you mean `hours`?"),
    ("limits", ("give_up: nurse", "give_up: nurses"), "error nurses} | `give_up` names `nurses`"),
    ("identity", ("outputs: [name,", "outputs: [nam,"), "error nam, customer_number] | `outputs` names `nam`"),
    ("identity", ("inputs: [name]", "inputs: [who]"), "error who] | `inputs` names `who`"),
    ("steps", ("  billing:\n    ask", "  complete:\n    ask"), "error complete: | a step cannot be called `complete`"),
    ("gates", ("  tell:", "  identity:"), "error identity: | `identity` stands under `steps` and under `gates`"),
    ("steps", ("slots:", "outcomes: {billing: complete}\nslots:"), "error billing: complete} | `billing` stands under `steps` and under `outcomes`"),
    ("questions", ("steps:", "slots: {lights: {type: text, required: no}}\nsteps:"), "error lights: | the answer to a step's question is kept under the step's name, and `lights` is a slot too"),
    ("form", ("  phone: phone", "  today: phone"), "error today: phone | a slot cannot be called `today`"),
    ("form", ("  phone: phone", "  my.phone: phone"), "error my.phone: phone | `my.phone` has a dot"),
    ("form", ("phone, callback_time]", "phone, phone, callback_time]"), "error phone, callback_time] | `ask` names `phone` twice"),
    ("steps", ("steps:", "ask: [reason]\nsteps:"), "error ask: [reason] | `ask` is for a flow without steps"),
    ("topics", ("silence: {say: Take your time.}", "silence: next"), "error next | `next` leads nowhere here"),
]  # fmt: skip
SLOTS: list[Slip] = [
    ("types", ("email: email", "email: emial"), "error emial | `emial` is not a type in `slots.email`. Did you mean `email`?"),
    ("types", ("name: {type: person_name,", "name: {type: person_name, clear_yes: true,"), "error clear_yes: true, remember: caller} | `clear_yes` means nothing for a person_name. Remove it; it belongs to yes_no."),
    ("types", ("arrival_time: time", "arrival_time: {type: time, future: true}"), "error future: true} | `future` means nothing for a time"),
    ("types", ("type: number, min: 1", "type: number, length: 3, min: 1"), "error length: 3, min: 1, max: 12, unit: people} | `length` means nothing for a number"),
    ("types", ("gift: {type: yes_no,", "gift: {type: yes_no, values: {yep: [sure]},"), "error yep: [sure]}, yes: it is a gift, no: it is not a gift} | a yes_no is never `yep`"),
    ("types", ("min: 1, max: 12", "min: 13, max: 12"), "error 12, unit: people} | `max` is less than `min`"),
    ("types", ("length: 5", "length: 8-5"), "error 8-5} | `8-5` is no length"),
    ("types", ("blue: []", "blue: [Crimson]"), "error Crimson] | `Crimson` stands for both `red` and `blue`"),
    ("types", ("budget: {type: money,", "budget: {type: money, confirm: spell_back,"), "error spell_back, unit: dollars} | a money cannot be spelled back"),
    ("types", ("future: true", "future: true, past: true"), "error future: true, past: true} | `arrival` has to lie both in the past and in the future"),
    ("loops", ("start: 0", "start: nought"), "error nought} | `score` cannot begin as `nought`: it is no number"),
    ("loops", ("ask: answer", "ask: [answer, score]"), "error score] | `score` has a `start`, so nobody is asked for it"),
    ("actions", ("    ask: order\n", "    ask: [order, status]\n"), "error status] | `status` is given by an action, so nobody is asked for it"),
    ("actions", ("say: Let me see.", "say: It is {status}."), "warning It is {status}. | `find` says `{status}` before its action `look_up` has found it"),
    ("actions", ("    gives: {receipt: result.id}\n", ""), "error receipt: {type: text, source: action} | no action gives `receipt`"),
    ("remembering", ("confirm: read_back, remember: caller", "remember: call, known_by: phone"), "error known_by: phone} | `known_by` means nothing here: `street` is not remembered for the caller's next calls. Add `remember: caller`, or remove it."),
    ("remembering", ("pii: sensitive}", "pii: sensitive, remember: caller, known_by: phone}"), "warning phone} | `problem` is sensitive, and whoever rings from the caller's phone would hear it. Remove `known_by: phone`, or ask for a proof first."),
    ("gates", ("length: 6}", "length: 6, remember: caller, known_by: phone}"), "error phone} | `account` proves who is calling, so no number may give it away. Remove `known_by: phone`."),
    ("gates", ("unit: dollars,", "unit: dollars, remember: caller, known_by: phone,"), "error phone, protected_by: identity} | `balance` waits behind a gate, so no number may give it away"),
    ("form", ("phone, callback_time]", "phone]"), "error callback_time: | the slot `callback_time` is required and never asked for"),
    ("conditions", ("required_if: insured", "required_if: insured\n    required: true"), "error required: true | `required` means nothing beside `required_if`"),
    ("questions", ("answers: {yes: cable, no: handed_over}", "about: x"), "error question: Are they on now? | nothing follows from the answer to the question of `power`"),
    ("questions", ("    question: Are they on now?\n", ""), "error answers: {yes: cable, no: handed_over} | `answers` without a question in `power`"),
    ("questions", ("[the blue socket,", "[yellow,"), "error yellow, one of the blue ones], say: Please put it into the yellow one., go: solved} | `yellow` stands for both `yellow` and `blue`"),
    ("questions", ("say: Please switch", "say: Please, switch"), "error switch it on., go: power} | unknown key `switch it on.` in `steps.lights.answers.no`. Within `{...}` a comma begins the next key: put a text with a comma in quotes."),
    ("questions", ("      yes: cable\n      no: {say: Please switch it on., go: power}", "      yes: {say: Good.}\n      no: power\n    then: [{if: lights, go: cable}, {go: power}]"), "error yes: {say: Good.} | the answer `yes` does not say where to go, and the `then` of `lights` has conditions. Add `go:` to the answer"),
]  # fmt: skip

EXPRESSIONS: list[Slip] = [
    ("steps", ('reason == "billing"', 'reason == "bulling"'), 'error reason == "bulling" | `reason == "bulling"`: `reason` is never `bulling`. Did you mean `billing`?'),
    ("steps", ('reason == "billing"', 'reason in ["repair", "bils"]'), "error reason in"),
    ("steps", ('reason == "billing"', 'raeson == "billing"'), "error raeson == \"billing\" | `raeson == \"billing\"`: there is no slot `raeson`. Did you mean `reason`?"),
    ("steps", ('reason == "billing"', "reason > 3"), "error reason > 3 | `reason > 3`: `>` does not go with a text and a number"),
    ("steps", ('reason == "billing"', "reason"), "error reason\n"[:-1] + " | `reason`: it gives a text, and yes or no is wanted here"),
    ("conditions", ("required_if: insured", 'required_if: insured == "yes"'), 'error insured == "yes" | `insured == "yes"`: `==` does not go with yes or no and a text. A yes or no stands by itself: `insured`, or `!insured`.'),
    ("conditions", ("valid: age(", "valid: agee("), "error agee("),
    ("loops", ("score: score + 1", '''score: "'one'"'''), '''error "'one'"}, say: That is right., go: more} | `'one'`: it gives a text, and a number is wanted here'''),
    ("loops", ("answer == 42", "answer == result.x"), "error answer == result.x"),
    ("actions", ("{if: cancel, go", "{if: cancel &&, go"), "error cancel &&"),
    ("limits", ("symptoms.matches(", "symptom.matches("), "error symptom.matches("),
]  # fmt: skip

TEXTS: list[Slip] = [
    ("actions", ("Your order is {status}.", "Your order is {stats}."), "error Your order is {stats}. | `{stats}` stands for a value, and there is no slot `stats`. Did you mean `status`?"),
    ("calls", ("{who.name}", "{who.nam}"), "error Thank you, {who.nam}. | `{who.nam}` stands for a value"),
    ("actions", ("orders/{order}", "orders/{oder}"), 'error "https://shop.example/orders/{oder}"'),
    ("actions", ("Your order is {status}.", "Your order is {status."), "warning Your order is {status. | a brace without its other half"),
    ("disclosures", ("This call is recorded.", "It is FREE of  charge."), "error It is FREE of  charge. The contract runs for twelve months. | this says `free of charge`, which `never_say` forbids"),
    ("disclosures", ("    ask: agrees", "    ask: agrees\n    say: It is guaranteed!"), "error It is guaranteed! | this says `guaranteed`"),
]  # fmt: skip

ACTIONS: list[Slip] = [
    ("actions", ("Authorization: $SHOP_TOKEN", "X-Order: '{oder}'"), "error '{oder}'}} | `{oder}` stands for an argument, and `look_up` has none of that name. Did you mean `order`?"),
    ("actions", ("    with: {order: order}\n    gives: {status", "    gives: {status"), 'error "https://shop.example/orders/{order}", headers: {Authorization: $SHOP_TOKEN}} | `{order}` stands for an argument, and `look_up` has none of that name. Add it: `with: {order: order}`.'),
    ("actions", ("    python: reopen_order\n", ""), "error reopen_order: | the action `reopen_order` does not say how it is done"),
    ("actions", ("    python: reopen_order\n", "    python: a\n    mcp: {server: a, tool: b}\n"), "error python: a | the action `reopen_order` is done in 2 ways"),
    ("actions", ("undo: reopen_order", "undo: look_up"), "error look_up | `look_up` only reads, and so takes nothing back"),
    ("actions", ("    timeout_s: 3", "    undo: reopen_order"), "error undo: reopen_order | `look_up` only reads: there is nothing to take back"),
    ("actions", ('http: {url', 'http: {method: DELETE, url'), "error read | a DELETE changes something"),
    ("actions", ("order: {type: id,", "order: {type: id, confirm: never,"), "warning order} | `cancel_order` writes `order`, which no caller has confirmed"),
    ("actions", ("then: order_cancelled", "then: complete"), "warning order_cancelled: {kind: complete"),
    ("topics", ("visit: where_is_it", "visit: where_is_it, go: who"), "error visit: where_is_it"),
]  # fmt: skip

TALKS: list[Slip] = [
    ("tests", ("does: book", "does: bok"), "error bok, slots: {name: Ann Lee, guests: 4}} | `does` names `bok`, and there is no such action. Did you mean `book`?"),
    ("calls", ("    say: Thank you", "    needs: who.gate\n    say: Thank you"), "error who.gate | `needs` names `who.gate`, and there is no such gate or disclosure"),
    ("tests", ("slots: {name: Ann", "slots: {nam: Ann"), "error nam: Ann Lee, guests: 4}} | `slots` names `nam`, and there is no such slot. Did you mean `name`?"),
    ("tests", ("outcome: complete", "outcome: completed"), "error completed | `outcome` names `completed`, and there is no such outcome. Did you mean `complete`?"),
    ("tests", ("agent: Ann Lee}", "step: first}"), "error first} | `step` names `first`, and there is no such step"),
    ("tests", ("    talk:", "    actions: {look: 1}\n    talk:"), "error look: 1} | `actions` names `look`, and there is no such action"),
]  # fmt: skip

GATES: list[Slip] = [
    ("gates", ("passes: pin_right", "passes: balance > 0"), "error balance > 0 | the gate `identity` can be passed by anybody: `balance > 0` looks at nothing that the caller said. Compare what was asked for: `account`, `pin`."),
    ("gates", ("    with: {account: account, pin: pin}\n", ""), "error pin_right | the gate `identity` can be passed by anybody"),
    ("gates", ("passes: pin_right", 'passes: pin == "1" || true'), 'error pin == "1" || true | the gate `identity` can be passed by anybody: `pin == "1" || true` always holds'),
    ("gates", ("    needs: identity\n", ""), 'error "Your balance is {balance}."} | this says `balance`, which waits behind the gate `identity`'),
    ("gates", ("steps:\n", 'steps:\n  early:\n    then: [{if: balance > 10, go: tell}, {go: tell}]\n'), "error balance > 10, go: tell}, {go: tell}] | this looks at `balance`, which waits behind the gate `identity`"),
    ("gates", ("length: 4, remember", "length: 4, protected_by: identity, remember"), "error identity, remember: never, pii: sensitive} | `pin` waits behind the gate that it is to open"),
    ("gates", ("ask: [account, pin]", "ask: [account, pin, balance]"), "error balance] | nobody is asked for `balance`"),
    ("gates", ("steps:\n  tell:\n    needs: identity", "disclosures: {notice: We record this.}\nsteps:\n  tell:\n    needs: [notice, identity]"), "warning [notice, identity] | the disclosure `notice` is said before the gate `identity` is passed, to whoever rings. Put the gate first: `needs: [identity, notice]`."),
    ("gates", ("lines:\n", "topics: {b: {says: balance, say: 'It is {balance}.'}}\nlines:\n"), "error 'It is {balance}.'}} | this says `balance`, which waits behind the gate `identity`"),
]  # fmt: skip

PATHS: list[Slip] = [
    ("steps", ("      - go: repair", "      - go: billing"), "error repair: | no way leads to the step `repair`"),
    ("loops", ("    at_most: 5\n    or_else: enough\n", ""), "error exercise: | a call can go round and round: `exercise` → `more` → `exercise`. Give one of them `at_most:`."),
    ("steps", ("    then: complete", "    then: welcome"), "error welcome: | a call can go round and round: `welcome` → `billing` → `welcome`"),
    ("loops", ("no: enough}", "no: exercise}"), "error exercise: | from the step `exercise` no way leads to an outcome"),
    ("topics", ("    then: back\n", ""), "error where_is_it} | the visit to `where_is_it` never comes back"),
    ("topics", ("    then: complete\n", "    then: back\n"), "error back | `back` leads nowhere: no topic visits `meter`"),
    ("steps", ("invoice: {type: digits, length: 6}", "invoice: {type: digits, length: 6, required: true}"), "error required: true} | a call can end as `complete` without `invoice`, which is required"),
    ("disclosures", ("steps:\n", "steps:\n  start:\n    if: agrees\n    then: complete\n"), "warning recording: This call"),
    ("steps", ("    then: complete", "    then: [{go: complete}, {go: repair}]"), "error {go: repair}] | this way of `billing` is never taken"),
    ("steps", ("    ask: fault\n", '    ask: fault\n    then: [{if: fault != "", go: handed_over}]\n'), 'warning then: [{if: fault != "", go: handed_over}] | where none of its ways is open, `repair` ends the call as complete'),
    ("actions", ("    ask: order\n", '    ask: order\n    if: cancel\n'), "warning Your order is {status}. | this says `status`, and a call can come here without it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("example", "slip", "told"), [*NAMES, *SLOTS, *EXPRESSIONS, *TEXTS, *ACTIONS, *TALKS, *GATES, *PATHS]
)
def test_a_slip_is_told_with_its_place_and_its_cure(
    tmp_path: Path, example: str, slip: tuple[str, str], told: str
) -> None:
    found = told_of(tmp_path, example, slip)
    assert any(mistake.startswith(told) for mistake in found), "\n".join(found)


@pytest.mark.parametrize("example", sorted(SOURCES))
def test_an_example_has_no_mistakes_and_no_warnings(tmp_path: Path, example: str) -> None:
    assert check_file(str(write_examples(tmp_path)[example])) == []
