"""The moments of a call: any number of readers, each from the first."""

import anyio
import anyio.lowlevel
import pytest

from orchestrator import story as module
from orchestrator.recording import CallerWords, Trouble
from orchestrator.story import Story


def trouble(n: int) -> Trouble:
    return Trouble("test", str(n), float(n))


def words(text: str, *, final: bool) -> CallerWords:
    return CallerWords(text, final, 0.0, 1.0, 1.0)


async def read(story: Story, into: list[str]) -> None:
    async for moment in story.read():
        into.append(getattr(moment, "what", ""))


def test_early_and_late_readers_read_the_same() -> None:
    async def scenario() -> None:
        story, early, late = Story(), list[str](), list[str]()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read, story, early)
            for n in range(5):
                story.tell(trouble(n))
                await anyio.lowlevel.checkpoint()
            tasks.start_soon(read, story, late)
            story.close()
        assert early == late == ["0", "1", "2", "3", "4"]

    anyio.run(scenario)


def test_words_that_were_replaced_do_not_last() -> None:
    story = Story()
    for moment in (words("my", final=False), words("my name", final=False), words("my name is", final=True)):
        story.tell(moment)
    assert [m.text for m in story.lasting if isinstance(m, CallerWords)] == ["my name is"]


def test_a_story_is_bounded_and_keeps_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MOMENTS", 3)

    async def scenario() -> None:
        story, seen = Story(), list[str]()
        for n in range(6):
            story.tell(trouble(n))
        story.close()
        await read(story, seen)
        assert seen == ["0", "4", "5"]
        assert story.forgotten == 3 and len(story.lasting) == 3

    anyio.run(scenario)
