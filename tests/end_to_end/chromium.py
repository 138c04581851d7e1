"""A headless Chromium with a WAV as its microphone, and a server in a thread beside it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import uvicorn
from fastapi import FastAPI
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from orchestrator.server import bind

PICTURES = Path(__file__).parents[2] / "runs" / "page"
WIDE = (1280, 900)
NARROW = (360, 740)
_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_DRIVER = shutil.which("chromedriver")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)

needs_chromium = pytest.mark.skipif(
    not (_CHROMIUM and _DRIVER), reason="needs Chromium: apt-get install chromium chromium-driver"
)


class Browser:
    """One window. Finds things by id and waits for what a person would see."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.get(address)

    def at(self, name: str) -> WebElement:
        return self.driver.find_element(By.ID, name)

    def find(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def texts(self, css: str) -> list[str]:
        told = self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent.trim())", css
        )
        return list(told)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def until(self, true: Callable[[], object], what: str, within_s: float = 15) -> None:
        WebDriverWait(self.driver, within_s, poll_frequency=0.1).until(lambda _driver: true(), what)

    def until_shown(self, name: str, within_s: float = 15) -> None:
        self.until(lambda: self.at(name).is_displayed(), f"{name} is shown", within_s)

    def resize(self, size: tuple[int, int]) -> None:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def picture(self, name: str) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.driver.save_screenshot(str(path))
        return path

    def complaints(self) -> list[str]:
        """What the console was told as errors: scripts, policies, missing files."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]


@contextmanager
def browsing(
    profile: Path, microphone: Path | None = None, flags: Sequence[str] = (), size: tuple[int, int] = WIDE
) -> Iterator[Browser]:
    """A new browser with an empty profile.

    Args:
        microphone: a WAV that the page hears once, from when it opens the microphone; else silence with beeps.
    """
    options = ChromeOptions()
    options.binary_location = str(_CHROMIUM)
    heard = [f"--use-file-for-fake-audio-capture={microphone}%noloop"] if microphone else []
    for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", *heard, *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=ChromeService(executable_path=_DRIVER))
    try:
        browser = Browser(driver)
        browser.resize(size)
        yield browser
    finally:
        driver.quit()


@contextmanager
def serving_in_thread(app: FastAPI) -> Iterator[str]:
    """The app on a real socket: its address."""
    listening = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listening])), name="server", daemon=True
    )
    thread.start()
    try:
        yield f"http://localhost:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def speech(path: Path, script: Sequence[tuple[float, str]], rate_hz: int = 48_000) -> Path:
    """A WAV of one who speaks with flite: (seconds of silence before, words), one after the other."""
    parts = []
    for silence_s, words in script:
        spoken = path.with_suffix(".part.wav")
        subprocess.run(["flite", "-voice", "slt", "-t", words, "-o", str(spoken)], check=True)
        samples, made_hz = soundfile.read(spoken, dtype="float32")
        length = round(len(samples) * rate_hz / made_hz)
        even = np.interp(np.arange(length) * made_hz / rate_hz, np.arange(len(samples)), samples)
        parts += [np.zeros(round(silence_s * rate_hz)), even]
        spoken.unlink()
    soundfile.write(path, np.concatenate([*parts, np.zeros(rate_hz)]), rate_hz, subtype="PCM_16")
    return path
