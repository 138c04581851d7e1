"""A whole call in real audio and in real time: the page, its microphone, the server and the embedded speech stack."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import soundfile
from selenium.common.exceptions import TimeoutException

from tests.end_to_end.chromium import browsing, needs_chromium, speech

ROOT = Path(__file__).parents[2]
SERVER = """
import sys
from pathlib import Path
import anyio
from orchestrator.runtime import open_runtime
from orchestrator.offer import offer_of
from orchestrator.server import serve
from orchestrator.sections import DataSettings, ServerSettings
from orchestrator.settings import Settings
from orchestrator.telemetry import configure_log

async def main():
    data = DataSettings(folder=Path(sys.argv[1]))
    settings = Settings(server=ServerSettings(port=0), data=data, max_calls=1)
    configure_log(settings.log)
    async with open_runtime(settings) as runtime:
        await serve(settings, runtime, offer_of([sys.argv[2]]), announce=lambda at: print(at, flush=True))

anyio.run(main)
"""
SHORT_FLOW = Path(__file__).parent / "short_flow.yaml"
# The caller cannot hear: it waits long enough for the agent to have asked.
ANSWERS = ((10.0, "Yes."), (9.0, "A headache."), (13.0, "Yes."), (12.0, "Yes."))


@contextmanager
def runtime_serving(folder: Path) -> Iterator[str]:
    """The real server in a process of its own, stopped as Ctrl-C would."""
    command = [sys.executable, "-c", SERVER, str(folder / "data"), str(SHORT_FLOW)]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT) as server,
    ):
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address, (folder / "log").read_text()
        try:
            yield address.replace("127.0.0.1", "localhost")
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0, (folder / "log").read_text()


def ends_when_rung(folder: Path, pace: float) -> bool:
    """Whether a whole call came to its end; what it came to is looked at. `pace`: how much longer the caller waits."""
    folder.mkdir()
    caller = speech(folder / "caller.wav", [(pace * wait_s, words) for wait_s, words in ANSWERS])
    with (
        runtime_serving(folder) as address,
        browsing(folder / "profile", caller) as page,
    ):
        page.open(address)
        page.until(lambda: page.find("#flows input"), "the flow is listed")
        page.at("start-voice").click()
        page.until_shown("call", 30)
        try:
            page.until_shown("ending", soundfile.info(caller).duration + 20)
        except TimeoutException:
            print(
                f"out of step at pace {pace}:", page.texts("#said .row"), (folder / "log").read_text()[-2000:]
            )
            return False
        finally:
            page.picture("short-call")
        assert page.at("ending-title").text == "Complete", page.texts("#said .row")
        rows = zip(page.texts("#slots .value"), page.texts("#slots .state"), strict=True)
        assert list(rows) == [("you have been here before", "confirmed"), ("headache", "confirmed")]
        assert page.find("#turns li")
        assert page.complaints() == []
    assert list((folder / "data" / "calls").glob("*.wav"))
    return True


@needs_chromium
@pytest.mark.skipif(not shutil.which("flite"), reason="needs a voice: apt-get install flite")
@pytest.mark.timeout(360)
def test_a_whole_short_flow_goes_by_voice_alone(tmp_path: Path) -> None:
    # On a machine so busy that the answers come before their questions the caller rings again, with more patience.
    assert ends_when_rung(tmp_path / "first", 1.0) or ends_when_rung(tmp_path / "second", 2.0)
