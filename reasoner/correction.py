"""What follows from what the agent was heard to say: proof, correction, hand-over. Pure: works on a draft.

Whatever strayed ends in a correction or with a person. Corrections are counted from the caller's last turn on, and the
flow's lists of means bound them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flows.schema import Flow
from flows.steering import CutOff, Means
from reasoner.acts import Act, Correct, Disclose, Echo, ReadBack, Say, Tell
from reasoner.adherence import (
    UNTRUE,
    Fault,
    Heard,
    disclosed,
    greeted_again,
    hear,
    is_question,
    left_out,
    untrue,
    was_said,
)
from reasoner.adherence_words import Said
from reasoner.draft import Draft, reply
from reasoner.events import AgentSpoke, Reply
from reasoner.path import MOST_DISCLOSINGS, disclose, hand_over
from reasoner.quote import sentences
from reasoner.reply import reply_lines
from reasoner.script import go_on
from reasoner.state import DisclosureState, GoalState
from reasoner.types import Evidence, Finding, Strays, Waiting

MOST_FINDINGS = 60  # kept in the state; the call's own file has all


def take_speech(draft: Draft, event: AgentSpoke) -> bool:
    """Take in what was said of the newest reply. Whether that changes anything."""
    heard, cut = hear(draft.flow, draft.state, event), event.cut or bool(event.unspoken)
    before = draft.adherence, dict(draft.disclosures), draft.cut
    draft.cut = draft.cut or _cut_a_read_back(draft.flow, draft.state, event.unspoken)
    missing = _take_disclosures(draft, heard, _due(draft.state), cut=cut)
    if cut and event.over:
        _owe_lines(draft, heard)
    wrong = list(untrue(heard))
    if event.over and not cut and draft.doing is None:
        missing += left_out(heard)
        _note_greeting(draft, heard)
    if cut:
        _owe_correction(draft, wrong)
    elif wrong:
        _put_right(draft, wrong, missing)
        return True
    elif missing and event.over:
        _ask_again(draft, missing)
        return True
    elif event.over:
        _note_corrected(draft, heard)
    return (event.over and _goes_on(draft)) or before != (draft.adherence, draft.disclosures, draft.cut)


def take_late_speech(draft: Draft, event: AgentSpoke) -> bool:
    """Words of a reply that is not the newest any more: they can still prove a disclosure, or show that it is owed."""
    due = [
        Disclose(name, len(known.parts))
        for name, known in draft.disclosures.items()
        if known.revision == event.revision and known.proven is None and known.times
    ]
    if not due:
        return False
    _take_disclosures(draft, hear(draft.flow, draft.state, event), due, cut=True)
    return True


def _goes_on(draft: Draft) -> bool:
    """Go on where nothing was left but to have it said."""
    said = [act.name for act in draft.state.acts if isinstance(act, Disclose)]
    if not said or draft.pending.waiting is not Waiting.NOTHING or draft.doing is not None:
        return False
    go_on(draft)
    if draft.acts:
        reply(draft)
    return True


# --- proof ---------------------------------------------------------------------------------------------------


def _due(state: GoalState) -> list[Disclose]:
    return [act for act in state.acts if isinstance(act, Disclose)]


def _take_disclosures(draft: Draft, heard: Heard, due: Sequence[Disclose], *, cut: bool) -> list[Fault]:
    """Words that were heard to their end are proven; others have to be said again."""
    faults = []
    resumes = cut and draft.flow.steering.cut_off is CutOff.RESUME
    for act in due:
        known = draft.disclosures.get(act.name, DisclosureState())
        if known.proven is not None:
            continue
        found, whole = disclosed(heard, act.name, act.since)
        parts = (*known.parts[: act.since], *(_evidence(heard, said) for said in found))
        if whole:
            proof = _joined(parts)
            draft.disclosures[act.name] = replace(known, proven=proof, parts=())
            _note(draft, replace(heard.finding(Strays.DISCLOSED, act.name), text=proof.words,
                                 start_s=proof.start_s, end_s=proof.end_s))  # fmt: skip
        elif heard.event.over:
            draft.disclosures[act.name] = replace(known, revision=0, parts=parts if resumes else ())
            faults.append(Fault(heard.finding(Strays.NOT_DISCLOSED, act.name), act))
    return faults


def _evidence(heard: Heard, said: Said) -> Evidence:
    finding = heard.finding(Strays.DISCLOSED, "", said)
    return Evidence(finding.text, finding.start_s, finding.end_s)


def _joined(parts: Sequence[Evidence]) -> Evidence:
    if not parts:
        return Evidence("", 0.0, 0.0)
    return Evidence(" ".join(part.words for part in parts), parts[0].start_s, parts[-1].end_s)


# --- what was cut off ----------------------------------------------------------------------------------------


def _owe_lines(draft: Draft, heard: Heard) -> None:
    """Lines that have to be finished and were not: said first in the next reply."""
    owed: list[Act] = []
    for act in draft.state.acts:
        if isinstance(act, Say) and act.must_finish and not act.last and not was_said(heard, act):
            owed.append(_rest(draft, heard, act))
    _owe(draft, owed)


def _rest(draft: Draft, heard: Heard, line: Say) -> Say:
    """As much of a line as is to be said again."""
    if draft.flow.steering.cut_off is CutOff.REPEAT:
        return line
    parts = sentences(line.text)
    said = 0
    while said < len(parts) - 1 and was_said(heard, replace(line, text=parts[said])):
        said += 1
    return replace(line, text=" ".join(parts[said:]))


def _owe(draft: Draft, acts: Sequence[Act]) -> None:
    owed = draft.adherence.owed
    new = tuple(act for act in acts if act not in owed)
    if new:
        draft.adherence = replace(draft.adherence, owed=(*owed, *new))


def _cut_a_read_back(flow: Flow, state: GoalState, unspoken: str) -> bool:
    """Whether an interruption kept the caller from hearing a value that was read back.

    A reply ends with the question that it waits on, as a line of its own. Who says yes before "Is that right?" is
    over has heard the values; who says it before that has not.
    """
    missed = _words(unspoken)
    if not missed or state.pending.waiting is not Waiting.CONFIRMATION:
        return False
    closing = _words(reply_lines(flow, state)[-1].text)
    return closing[-len(missed) :] != missed


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


# --- correction ----------------------------------------------------------------------------------------------


def _put_right(draft: Draft, wrong: Sequence[Fault], missing: Sequence[Fault]) -> None:
    """Take back what was wrong, and say what is right."""
    means, tried = draft.flow.steering.untrue, draft.adherence.untrue
    _note(draft, *(fault.finding for fault in (*wrong, *missing)))
    if tried >= len(means):
        _give_up(draft, wrong[0].finding)
        return
    draft.adherence = replace(draft.adherence, untrue=tried + 1)
    again = [fault.act for fault in missing if fault.act is not None and not isinstance(fault.act, Disclose)]
    _say(draft, [Correct(), *_right(draft.state, again)], _names(missing))
    _correct(
        draft,
        wrong[0].finding,
        exact=means[tried] is not Means.WHISPER,
        interrupts=means[tried] is Means.INTERRUPT,
    )


def _ask_again(draft: Draft, missing: Sequence[Fault]) -> None:
    """Have what was left out said, and nothing else."""
    means, tried = draft.flow.steering.left_out, draft.adherence.left_out
    _note(draft, *(fault.finding for fault in missing))
    if tried >= len(means):
        _give_up(draft, missing[0].finding)
        return
    exact = means[tried] is not Means.WHISPER or draft.adherence.exact
    draft.adherence = replace(draft.adherence, left_out=tried + 1)
    acts = [fault.act for fault in missing if fault.act is not None and not isinstance(fault.act, Disclose)]
    _say(draft, [*(act for act in acts if not is_question(act)), *_question(draft.state)], _names(missing))
    _correct(draft, missing[0].finding, exact=exact, interrupts=False)


def _right(state: GoalState, again: Sequence[Act]) -> list[Act]:
    """What the reply states, and the question that it waits on."""
    stated = [act for act in state.acts[:-1] if isinstance(act, Echo | Tell | ReadBack) or act in again]
    last = [act for act in state.acts[-1:] if not isinstance(act, Correct | Disclose)]
    return [*(act for act in stated if not isinstance(act, Correct | Disclose)), *last]


def _question(state: GoalState) -> list[Act]:
    """Every reply ends with what it waits on, so does its correction."""
    return [act for act in state.acts[-1:] if is_question(act)]


def _names(missing: Sequence[Fault]) -> list[str]:
    return [fault.act.name for fault in missing if isinstance(fault.act, Disclose)]


def _say(draft: Draft, acts: Sequence[Act], disclosures: Sequence[str]) -> None:
    """These acts, with what still has to be disclosed before the question at their end."""
    closing = [act for act in acts[-1:] if is_question(act)]
    draft.acts = []
    for act in acts:  # acts hold mappings: no set of them
        if act not in draft.acts and act not in closing:
            draft.acts.append(act)
    for name in disclosures:
        disclose(draft, name)
    draft.acts += closing


def _correct(draft: Draft, finding: Finding, *, exact: bool, interrupts: bool) -> None:
    spent = any(
        known.proven is None and known.times > MOST_DISCLOSINGS for known in draft.disclosures.values()
    )
    if spent or not draft.acts:
        _give_up(draft, finding)
        return
    draft.adherence = replace(
        draft.adherence, exact=exact, corrections=draft.adherence.corrections + 1, owed=()
    )
    draft.effects.insert(0, Reply(exact=exact, interrupts=interrupts))


def _give_up(draft: Draft, finding: Finding) -> None:
    """The voice cannot be made to say it: a person takes over, and is told so in exact words."""
    draft.acts = []
    hand_over(draft, f"strayed:{finding.kind.value}:{finding.about}")
    wrong = finding.kind in UNTRUE
    draft.acts = [*([Correct()] if wrong else []), *draft.acts]
    draft.adherence = replace(draft.adherence, exact=True, owed=())
    draft.effects.insert(0, Reply(exact=True, interrupts=wrong))


def _owe_correction(draft: Draft, wrong: Sequence[Fault]) -> None:
    """The caller is speaking, so what was wrong is taken back first thing in the next reply."""
    if not wrong:
        return
    _note(draft, *(fault.finding for fault in wrong))
    stated = [act for act in draft.state.acts if isinstance(act, Echo | Tell)]
    _owe(draft, [Correct(), *stated])


# --- notes ---------------------------------------------------------------------------------------------------


def _note(draft: Draft, *findings: Finding) -> None:
    kept = (*draft.adherence.findings, *findings)[-MOST_FINDINGS:]
    draft.adherence = replace(draft.adherence, findings=kept)


def _noted(draft: Draft, finding: Finding) -> bool:
    return any(
        (one.kind, one.revision) == (finding.kind, finding.revision) for one in draft.adherence.findings
    )


def _note_greeting(draft: Draft, heard: Heard) -> None:
    finding = greeted_again(heard)
    if finding is not None and not _noted(draft, finding):
        _note(draft, finding)


def _note_corrected(draft: Draft, heard: Heard) -> None:
    if not (draft.adherence.left_out or draft.adherence.untrue):
        return
    finding = heard.finding(Strays.CORRECTED, "")
    if not _noted(draft, finding):
        _note(draft, finding)
