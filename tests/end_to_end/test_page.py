"""The page in a real browser: what a person sees, types and says. Pictures are kept in runs/page/."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from selenium.webdriver.common.keys import Keys

from duplex_frontend.errors import NoSeat
from orchestrator.calls import End
from orchestrator.offer import OfferedFlow
from orchestrator.recording import AgentCeased, CallerWords, SlotChanged
from orchestrator.sections import ServerSettings
from orchestrator.server import make_app
from orchestrator.settings import Settings
from tests.end_to_end.chromium import (
    NARROW,
    WIDE,
    Browser,
    browsing,
    needs_chromium,
    serving_in_thread,
    speech,
)
from tests.end_to_end.scripted_calls import GREETING, RATE_HZ, ScriptedCalls, spoken

pytestmark = needs_chromium
ELSEWHERE = "voice.example"  # resolves to this machine in the browser alone, and is no secure context
SETTINGS = Settings(server=ServerSettings(trusted_hosts=(ELSEWHERE,)))


def offer() -> tuple[OfferedFlow, ...]:
    return (
        OfferedFlow("intake", "Intake of a new patient by phone", "Riverside", "Claire", "en-US", 7, "a"),
        OfferedFlow("table", "Book a table", "Bistro Verde", "Marco", "en-US", 4, "b"),
    )


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("voice") / "caller.wav"
    return speech(
        path, [(0.8, "Good morning, this is Dana Kowalski."), (0.6, "I would like an appointment.")]
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, voice: Path) -> Iterator[Browser]:
    rules = f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"
    with browsing(tmp_path_factory.mktemp("profile"), voice, [rules]) as opened:
        yield opened


@pytest.fixture
def calls() -> ScriptedCalls:
    return ScriptedCalls()


@pytest.fixture
def page(browser: Browser, calls: ScriptedCalls) -> Iterator[Browser]:
    """The page, freshly loaded. Nothing may go wrong in it unnoticed."""
    browser.resize(WIDE)
    browser.prefer("light")
    with serving_in_thread(make_app(calls, SETTINGS, offer)) as address:
        browser.complaints()
        browser.open(address)
        browser.until(lambda: browser.find("#flows input"), "the flows are listed")
        yield browser
        assert browser.complaints() == []


def begin(page: Browser, how: str = "start-text") -> None:
    page.at(how).click()
    page.until_shown("call")


def say(page: Browser, text: str) -> None:
    page.at("text").send_keys(text + Keys.ENTER)


def heard_said(page: Browser) -> list[str]:
    return page.texts("#said .words")


# --- a line that is lost -----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["suspended", "restarting"])
def test_a_call_whose_line_is_lost_comes_back_by_itself_with_all_that_was_said(
    page: Browser, calls: ScriptedCalls, end: End
) -> None:
    calls.busy_for = 2
    begin(page)
    say(page, "my name is dana")
    page.until(lambda: "my name is dana" in heard_said(page), "what was typed is shown")
    calls.suspend(end)
    page.until(
        lambda: page.at("call").get_attribute("data-away") == "true", "it is told that the line is lost"
    )
    page.until(lambda: "I am sorry, we were cut off." in " ".join(heard_said(page)), "the call is back")
    assert heard_said(page).count("my name is dana") == 1
    assert page.at("call").get_attribute("data-away") == "false"
    assert not page.at("alert").is_displayed()
    say(page, "still here")
    page.until(lambda: calls.call.typed == ["my name is dana", "still here"], "typing reaches the same call")
    assert len(calls.opened) == 1 and calls.came_back == 3


# --- sound -------------------------------------------------------------------------------------------------


def test_what_the_microphone_hears_reaches_the_call(page: Browser, calls: ScriptedCalls, voice: Path) -> None:
    begin(page, "start-voice")
    length_s = soundfile.info(voice).duration
    page.until(lambda: len(calls.call.heard) * 0.02 > length_s + 1, "all was heard", length_s + 15)
    samples, rate_hz = soundfile.read(voice, dtype="float32")
    assert likeness(envelope(samples, rate_hz), envelope(calls.call.sound(), RATE_HZ)) > 0.7
    page.picture("speaking")


def test_what_the_agent_says_is_played(page: Browser) -> None:
    begin(page, "start-voice")
    page.until(lambda: float(page.at("call").get_attribute("data-agent-loudest") or 0) > 0.5, "it is heard")


def test_what_an_interruption_cut_off_is_not_played_late(page: Browser, calls: ScriptedCalls) -> None:
    calls.ahead_blocks = 50  # a second of hum waits in the page
    begin(page)
    page.until(lambda: loudness_now(page) > 0.5, "it is heard")
    say(page, "stop")
    began = time.monotonic()
    page.until(lambda: loudness_now(page) < 0.1, "it fell silent")
    assert time.monotonic() - began < 0.5


def loudness_now(page: Browser) -> float:
    """Of what the page plays, as its meter shows it."""
    level = page.run("return document.getElementById('call').style.getPropertyValue('--agent-level')")
    return float(level or 0)


def test_a_muted_microphone_sends_nothing(page: Browser, calls: ScriptedCalls) -> None:
    begin(page, "start-voice")
    page.until(lambda: calls.call.heard, "it hears")
    page.at("mute").click()
    time.sleep(0.2)
    before = len(calls.call.heard)
    time.sleep(0.4)
    assert len(calls.call.heard) == before
    assert page.at("mute").get_attribute("aria-pressed") == "true"
    page.at("mute").click()
    page.until(lambda: len(calls.call.heard) > before, "it hears again")


def test_without_the_microphone_nothing_is_sent_and_the_agent_is_heard(
    page: Browser, calls: ScriptedCalls
) -> None:
    begin(page)
    page.until(lambda: float(page.at("call").get_attribute("data-agent-loudest") or 0) > 0.5, "it is heard")
    assert calls.call.heard == []
    assert not page.at("mute").is_displayed()


def envelope(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """How loud each 20 ms is."""
    block = rate_hz // 50
    squares = np.square(samples[: len(samples) // block * block].reshape(-1, block))
    loudness: NDArray[np.float32] = np.sqrt(squares.mean(axis=1)).astype(np.float32)
    return loudness


def likeness(sought: NDArray[np.float32], within: NDArray[np.float32]) -> float:
    """The best correlation of the one with any part of the other, 0 to 1."""
    sought = np.trim_zeros(np.where(sought > 0.005, sought, 0))
    return max(
        float(np.corrcoef(sought, within[at : at + len(sought)])[0, 1])
        for at in range(len(within) - len(sought))
    )


# --- what is shown -----------------------------------------------------------------------------------------


def test_the_moments_of_a_call_are_shown(page: Browser) -> None:
    begin(page)
    say(page, "show me everything")
    page.until(lambda: page.find("#now .caller.partial"), "the last words are shown")
    assert heard_said(page) == [
        GREETING,
        "dana kowalski",
        "I have Dana Kowalski. Is that right?",
        "yes it is",
        "What is your date of birth? You can say",
        "do you take walk ins",
        "Yes, on weekdays before ten. So, what is your date of birth?",
        "march third nineteen eighty five",
    ]
    assert page.texts("#said .cut .pending") == ["the month, the day and the year."]
    assert "answered in 488 ms · interrupted" in page.texts("#said .notes")
    assert "answered in 641 ms · you said “mm-hm”" in page.texts("#said .notes")
    assert page.texts("#now .agent .words") == ["Your phone number is"]
    assert page.texts("#now .agent .pending") == ["5 5 5. 0 1 4 2. 8 7 6. Is that right?"]
    assert page.texts("#now .caller .words") == ["yes and my insurance is"]
    assert page.at("floor-text").text == "Claire is speaking"
    assert page.at("pace").text == "Last 1030 ms, median 512 ms"
    page.picture("call")
    page.prefer("dark")
    page.picture("call-dark")


def test_the_form_fills_itself_and_says_how_sure_it_is_in_words(page: Browser) -> None:
    begin(page)
    assert page.texts("#slots .label") == [
        "name",
        "date of birth",
        "phone number",
        "reason for your visit",
        "allergies (optional)",
        "insurance",
        "consent",
    ]
    assert set(page.texts("#slots .state")) == {"not asked yet"}
    say(page, "show me everything")
    page.until(lambda: page.at("progress").text == "2 of 6 done", "two are done")
    rows = zip(page.texts("#slots .value"), page.texts("#slots .state"), strict=True)
    assert list(rows) == [
        ("Dana Kowalski", "confirmed"),
        ("March 3, 1985", "confirmed"),
        ("5 5 5. 0 1 4 2. 8 7 6", "heard, not confirmed"),
        ("", "not asked yet"),
        ("no allergies", "none given"),
        ("", "not asked yet"),
        ("", "not asked yet"),
    ]


def test_a_value_that_was_taken_back_leaves_the_form(page: Browser, calls: ScriptedCalls) -> None:
    begin(page)
    say(page, "show me everything")
    page.until(lambda: page.at("progress").text == "2 of 6 done", "two are done")
    calls.tell(SlotChanged("name", None, "", "empty", 0.0, 31.0))
    page.until(lambda: page.at("progress").text == "1 of 6 done", "one is done")
    assert page.texts("#slots .value")[0] == ""


def test_lookups_whispers_and_troubles_stand_behind_the_scenes(page: Browser) -> None:
    begin(page)
    say(page, "show me everything")
    page.until(lambda: "1 trouble" in page.at("trace-count").text, "they are counted")
    assert not page.at("trace").is_displayed()
    page.find(".trace > summary")[0].click()
    assert page.at("trace").is_displayed()
    (lookup,) = page.texts("#trace [data-kind=lookup]")
    assert "Looked up “do you take walk ins”: Visiting, Appointments" in lookup
    assert "9 ms · while you spoke · used" in lookup
    (trouble,) = page.texts("#trace [data-kind=trouble]")
    assert "recogniser: the grammar ear was started again" in trouble
    page.run("arguments[0].scrollIntoView()", page.at("trace"))
    page.picture("trace")


def test_words_that_were_whispered_and_never_said_do_not_stay(page: Browser, calls: ScriptedCalls) -> None:
    begin(page)
    calls.tell(AgentCeased(4.0, False, ""))
    calls.tell(*spoken("", 4.1, 2, "Never said."), *spoken("Said.", 4.2, 3), AgentCeased(4.9, False, ""))
    calls.tell(*spoken("", 5.0, 4, "Never said."), AgentCeased(5.1, True, "Never said."))
    page.until(lambda: heard_said(page) == [GREETING, "Said."], "only what was said is shown")
    assert "Never said." not in page.at("call").text


def test_words_that_interrupt_stand_below_the_words_that_they_interrupted(
    page: Browser, calls: ScriptedCalls
) -> None:
    begin(page)
    calls.tell(CallerWords("hold on", True, 1.5, 2.0, 2.1, 0.9), AgentCeased(2.2, True, "please?"))
    page.until(lambda: heard_said(page) == [GREETING, "hold on"], "they stand in order")


def test_nothing_overflows_a_narrow_screen(page: Browser) -> None:
    page.resize(NARROW)
    page.picture("choose-narrow")
    assert page.run("return document.documentElement.scrollWidth") <= NARROW[0]
    begin(page)
    say(page, "show me everything")
    page.until(lambda: page.find("#now .caller.partial"), "the last words are shown")
    page.find(".trace > summary")[0].click()
    page.picture("call-narrow")
    assert page.run("return document.documentElement.scrollWidth") <= NARROW[0]


# --- what a person does ------------------------------------------------------------------------------------


def test_it_says_what_the_recogniser_can_and_cannot_hear_before_a_call(page: Browser) -> None:
    told = page.at("choose").text
    for words in (
        "English",
        "quiet room",
        "told what to expect",
        "k as in kilo",
        "reads everything back",
        "https",
    ):
        assert words in told
    page.picture("choose")


def test_what_is_typed_and_sent_with_enter_is_what_the_caller_said(
    page: Browser, calls: ScriptedCalls
) -> None:
    begin(page)
    say(page, "  yes, on Łódź street  ")
    say(page, "   ")
    page.until(lambda: "yes, on Łódź street" in page.texts("#said .caller .words"), "it is shown")
    assert calls.call.typed == ["yes, on Łódź street"]
    assert page.at("text").get_attribute("value") == ""


def test_keys_are_pressed_on_a_keypad_that_opens_when_it_is_wanted(
    page: Browser, calls: ScriptedCalls
) -> None:
    begin(page)
    assert not page.at("keypad").is_displayed()
    page.at("show-keypad").click()
    page.until_shown("keypad")
    assert page.texts("#keys button") == list("123456789*0#")
    for key in "5*0":
        page.find(f"#keys button[value='{key}']")[0].click()
    page.until(lambda: calls.call.keyed == ["5", "*", "0"], "each key goes out when it is pressed")
    assert page.at("pressed").text == "5*0"
    page.picture("keypad")
    page.at("show-keypad").click()
    assert not page.at("keypad").is_displayed()
    page.resize(NARROW)
    page.at("text").click()
    assert walk(page, 2)[-1] == "show-keypad"
    press(page, Keys.ENTER)
    assert page.run("return document.activeElement.value") == "1"
    page.picture("keypad-narrow")
    assert page.run("return document.documentElement.scrollWidth") <= NARROW[0]
    press(page, " ")
    assert walk(page, 11)[-2:] == ["0", "#"]
    press(page, Keys.ENTER)
    page.until(lambda: "5*01#" in heard_said(page), "what was keyed is shown as what was said")
    assert page.at("pressed").text == "" and calls.call.typed == []


def test_escape_hangs_up_and_a_new_call_can_begin(page: Browser, calls: ScriptedCalls) -> None:
    begin(page)
    page.at("text").send_keys(Keys.ESCAPE)
    page.until_shown("ending")
    assert calls.call.ended == ["caller_hung_up"]
    assert page.at("ending-title").text == "You hung up"
    assert "2 of 6 fields confirmed" in page.at("ending-text").text
    assert page.run("return document.activeElement.id") == "ending-title"
    page.picture("ended")
    page.at("again").click()
    begin(page)
    assert len(calls.opened) == 2
    assert page.texts("#slots .value")[0] == ""


def test_leaving_the_page_hangs_up(page: Browser, calls: ScriptedCalls) -> None:
    begin(page)
    page.open("about:blank")
    page.until(lambda: calls.call.ended == ["caller_hung_up"], "it is hung up")


def test_all_can_be_done_with_the_keyboard(page: Browser, calls: ScriptedCalls) -> None:
    assert walk(page, 3) == ["intake", "start-voice", "start-text"]
    press(page, Keys.ENTER)
    page.until_shown("call")
    assert page.run("return document.activeElement.id") == "text"
    press(page, "yes", Keys.ENTER)
    page.until(lambda: calls.call.typed == ["yes"], "it was said")
    page.run("document.getElementById('call-title').focus()")
    assert walk(page, 3) == ["hang-up", "scroll", "text"]


def walk(page: Browser, steps: int) -> list[str]:
    """Where each press of Tab leads: ids, or values of radio buttons."""
    reached = []
    for _ in range(steps):
        press(page, Keys.TAB)
        reached.append(page.run("return document.activeElement.id || document.activeElement.value"))
    return reached


def press(page: Browser, *keys: str) -> None:
    page.driver.switch_to.active_element.send_keys(*keys)


# --- what can go wrong -------------------------------------------------------------------------------------


def test_a_microphone_that_is_denied_is_told_in_plain_words_and_typing_goes_on(
    calls: ScriptedCalls, tmp_path: Path
) -> None:
    with (
        serving_in_thread(make_app(calls, SETTINGS, offer)) as address,
        browsing(tmp_path, flags=["--use-fake-ui-for-media-stream=deny"]) as page,
    ):
        page.open(address)
        page.until(lambda: page.at("start-voice").is_enabled(), "the flows are listed")
        page.at("start-voice").click()
        page.until_shown("alert")
        assert "not allowed to use the microphone" in page.at("alert").text
        page.picture("denied")
        assert calls.opened == []
        begin(page)
        assert not page.at("alert").is_displayed()


def test_a_call_that_is_refused_is_told_with_its_reason(page: Browser, calls: ScriptedCalls) -> None:
    calls.refusal = NoSeat(4)
    page.at("start-text").click()
    page.until_shown("alert")
    assert "all 4 seats are taken; retry shortly" in page.at("alert").text
    calls.refusal = None
    page.until(lambda: page.at("start-text").is_enabled(), "one can try again")
    begin(page)


def test_a_fault_of_the_server_is_told_in_a_sentence(page: Browser, calls: ScriptedCalls) -> None:
    calls.refusal = ZeroDivisionError()
    page.at("start-text").click()
    page.until_shown("alert")
    assert "could not be opened because of a fault of the server" in page.at("alert").text
    page.until(lambda: page.at("start-text").is_enabled(), "one can try again")


def test_a_fault_that_ends_a_call_is_told_and_is_not_called_hanging_up(
    page: Browser, calls: ScriptedCalls
) -> None:
    begin(page)
    calls.fail()
    page.until(lambda: "fault of the server" in page.at("ending-title").text, "the fault is told")
    assert "2 of 6 fields confirmed" in page.at("ending-text").text


def test_a_page_over_plain_http_says_why_it_has_no_microphone_and_takes_text(
    page: Browser, calls: ScriptedCalls
) -> None:
    page.open(page.driver.current_url.replace("localhost", ELSEWHERE))
    page.until(lambda: page.find("#flows input"), "the flows are listed")
    assert not page.at("start-voice").is_enabled()
    told = page.at("microphone-note").text
    assert ELSEWHERE in told
    assert "localhost or over https" in told
    page.picture("insecure")
    begin(page)
    say(page, "hello")
    page.until(lambda: calls.call.typed == ["hello"], "it was said")


def test_a_server_that_stops_or_is_gone_is_told(browser: Browser, calls: ScriptedCalls) -> None:
    with serving_in_thread(make_app(calls, SETTINGS, offer)) as address:
        browser.open(address)
        browser.until(lambda: browser.find("#flows input"), "the flows are listed")
        begin(browser)
    browser.until_shown("ending")
    assert browser.at("ending-title").text == "The server was stopped"
    assert calls.call.ended == ["stopped"]
    browser.at("again").click()
    browser.at("start-text").click()
    browser.until_shown("alert")
    assert "The server does not answer" in browser.at("alert").text
