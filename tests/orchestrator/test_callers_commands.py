"""`souffleur callers`: what an operator finds, shows, hands out, merges, erases, sweeps and seals anew."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner

from memory.callers import Caller, OpenMatter, PastCall, Remembered, SignKind, identity_sign, phone_sign
from memory.callers_book import newcomer
from memory.sealed import new_key, read_keys
from memory.types import SessionKey, SessionRecord
from orchestrator.cli import app
from orchestrator.settings import Settings, load_settings
from orchestrator.stores import open_callers, open_sessions
from reasoner.state import dump_state
from tests.orchestrator.made_call import made_call
from tests.orchestrator.test_redaction import made

PHONE = "5552138841"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLER_KEYS", new_key("2025"))
    (tmp_path / "s.toml").write_text(
        f'tenant = "shop"\n[data]\nfolder = "{tmp_path / "data"}"\n[privacy]\nkeys_env = "CALLER_KEYS"\n'
    )
    (tmp_path / "data").mkdir()
    return tmp_path


def settings_of(place: Path) -> Settings:
    return load_settings(config=place / "s.toml")


def souffleur(place: Path, *words: str, answer: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["callers", *words, "--config", str(place / "s.toml")], input=answer)
    return done.exit_code, done.output


def somebody(number: str, name: str = "Maria Gomez", *, days: int = 1) -> Caller:
    at = datetime.now(UTC) - timedelta(days=days)
    sign = phone_sign(number)
    assert sign is not None
    caller = newcomer("shop", [sign], at)
    return replace(
        caller,
        values={
            "name": Remembered(name, "person_name", "personal", SignKind.PHONE, at, "intake", "call1"),
            "pain": Remembered("knee pain", "choice", "sensitive", SignKind.IDENTITY, at, "intake", "call1"),
        },
        calls=(PastCall("call1", "intake", at, "complete", "Intake, complete"),),
        preferences={"language": "en-US"},
        open_matters=(OpenMatter("billing", "call0", at, "Billing, not finished"),),
    )


def keep(place: Path, *callers: Caller, calls: int = 0) -> list[Caller]:
    """Write callers, and so many calls of the first."""

    async def work() -> list[Caller]:
        settings = settings_of(place)
        book, store = await open_callers(settings)
        sessions = await open_sessions(settings)
        try:
            for number in range(1, calls + 1):
                _, state = made_call()
                at = datetime.now(UTC) - timedelta(days=2)
                record = SessionRecord(
                    SessionKey("shop", f"call{number}"), state.revision, "intake", "h", dump_state(state),
                    "complete", at, at, {"pii": {"reason": "sensitive"}, "marks": []}, made().dump(),
                )  # fmt: skip
                await sessions.save(record, [], 0)
            return [await book.write(caller, caller.created_at) for caller in callers]
        finally:
            await store.aclose()
            await sessions.aclose()

    return anyio.run(work)


def test_lists_without_names_and_numbers(place: Path) -> None:
    assert souffleur(place, "list") == (0, "Nobody is remembered yet.\n")
    (caller,) = keep(place, somebody(PHONE))
    code, told = souffleur(place, "list")
    assert code == 0 and told.split("\t")[0] == caller.key.caller
    assert "1 calls\t2 values\t1 open" in told
    assert "Maria" not in told and PHONE not in told


def test_shows_a_caller_by_id_or_number_and_less_where_less_is_wanted(place: Path) -> None:
    (caller,) = keep(place, somebody(PHONE))
    for named in (caller.key.caller, PHONE, "+1 (555) 213-8841"):
        code, told = souffleur(place, "show", named)
        assert code == 0
        assert "name: Maria Gomez (personal, for phone" in told
        assert f"recognised by phone: {PHONE}" in told
        assert "open since" in told
    assert "knee" not in souffleur(place, "show", PHONE, "--redact", "sensitive")[1]
    least = souffleur(place, "show", PHONE, "--redact", "personal")[1]
    assert all(word not in least for word in ("Maria", PHONE, "knee"))


@pytest.mark.parametrize("named", ["0123456789abcdef", "5550009999", "nobody", "'; DROP TABLE callers; --"])
def test_who_is_not_there_is_told_in_a_sentence(place: Path, named: str) -> None:
    code, told = souffleur(place, "show", named)
    assert code == 2
    assert told.startswith("souffleur: ") and told.count("\n") == 1


def test_exports_all_that_is_kept_as_json_for_its_owner_only(place: Path) -> None:
    keep(place, somebody(PHONE), calls=1)
    out = place / "ann.json"
    assert souffleur(place, "export", PHONE, "--out", str(out)) == (0, f"written: {out}\n")
    told = json.loads(out.read_bytes())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert told["caller"]["values"]["name"]["value"] == "Maria Gomez"
    (call,) = told["calls"]
    assert call["slots"]["name"]["value"] and call["transcript"]
    code, less = souffleur(place, "export", PHONE, "--redact", "personal")
    assert code == 0 and json.loads(less)["redacted"] == "personal"
    for word in ("maria", "gomez", PHONE, "knee pain", "penicillin"):
        assert word not in less.lower()


def test_erases_after_a_yes_only_and_says_what_went(place: Path) -> None:
    (caller,) = keep(place, somebody(PHONE), calls=1)
    (place / "data" / "calls").mkdir()
    (place / "data" / "calls" / "call1.wav").write_bytes(b"RIFF")
    assert souffleur(place, "erase", PHONE, answer="n\n")[0] == 1
    assert souffleur(place, "show", PHONE)[0] == 0
    code, told = souffleur(place, "erase", PHONE, "--yes")
    assert (code, told) == (
        0,
        f"erased caller {caller.key.caller}: 2 values, 1 calls, 1 recordings, 0 passages\n",
    )
    assert souffleur(place, "show", PHONE)[0] == 2
    assert list((place / "data" / "calls").iterdir()) == []


def test_merges_two_who_are_one_and_refuses_one_who_is_one_already(place: Path) -> None:
    identity = identity_sign("gate", {"number": "1"})
    assert identity is not None
    one, other = keep(
        place, somebody(PHONE), replace(somebody("5550001111", "Mary Gomez", days=0), signs=(identity,))
    )
    code, told = souffleur(place, "merge", one.key.caller, other.key.caller)
    assert (code, told) == (0, f"merged into {one.key.caller}: 2 values, 1 calls\n")
    assert "Mary Gomez" in souffleur(place, "show", PHONE)[1]
    code, told = souffleur(place, "merge", PHONE, one.key.caller)
    assert code == 2 and "name two to merge" in told


def test_sweeps_what_is_too_old(place: Path) -> None:
    keep(place, somebody(PHONE, days=100), somebody("5550001111", days=500))
    assert souffleur(place, "sweep") == (0, "removed: 0 calls, 0 recordings, 1 callers, 1 values\n")
    assert "knee" not in souffleur(place, "show", PHONE)[1]


def test_with_a_new_key_before_the_old_one_everything_is_sealed_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(place, somebody(PHONE), calls=2)
    made_key = CliRunner().invoke(app, ["callers", "key", "2026"]).output.strip()
    monkeypatch.setenv("CALLER_KEYS", f"{made_key},{os.environ['CALLER_KEYS']}")
    assert souffleur(place, "rekey") == (
        0, "under the key 2026: 1 of 1 callers, 2 of 2 calls sealed anew\n",
    )  # fmt: skip
    monkeypatch.setenv("CALLER_KEYS", made_key)
    assert souffleur(place, "show", PHONE)[0] == 0
    assert souffleur(place, "rekey")[1] == "under the key 2026: 0 of 1 callers, 0 of 2 calls sealed anew\n"


def test_a_missing_or_wrong_key_is_told_with_its_cure(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(place, somebody(PHONE))
    monkeypatch.setenv("CALLER_KEYS", new_key("2030"))
    code, told = souffleur(place, "list")
    assert code == 1
    assert told == (
        "souffleur: this was sealed with the key '2025', which is not among the keys given (there are 2030); add it "
        "behind the others: privacy.keys_env names their variable\n"
    )
    monkeypatch.setenv("CALLER_KEYS", new_key("2025"))
    assert "another secret has that id now" in souffleur(place, "list")[1]
    monkeypatch.setenv("CALLER_KEYS", "hello")
    assert "CALLER_KEYS: entry 1 has no colon" in souffleur(place, "list")[1]
    monkeypatch.delenv("CALLER_KEYS")
    code, told = souffleur(place, "list")
    assert code == 2 and "privacy.keys_env: CALLER_KEYS is not set" in told
    keys = place / "keys"
    keys.write_text(new_key("2025") + "\n")
    monkeypatch.setenv("CALLER_KEYS_FILE", str(keys))
    assert "another secret has that id now" in souffleur(place, "list")[1]


def test_a_fresh_key_is_one_and_another_each_time() -> None:
    told = [CliRunner().invoke(app, ["callers", "key", "k1"]).output for _ in range(2)]
    assert told[0] != told[1]
    assert read_keys(",".join((told[0], told[1].replace("k1:", "k2:"))), "x").newest == "k1"
    assert CliRunner().invoke(app, ["callers", "key", "not an id"]).exit_code == 1


def test_the_file_of_callers_is_readable_by_its_owner_only(place: Path) -> None:
    keep(place, somebody(PHONE))
    (file,) = (place / "data").glob("*.db")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
