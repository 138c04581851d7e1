"""What every `Leases` promises: one owner at a time, and each with a higher fence than the one before."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest

from memory.errors import Fenced, LeaseHeld, NotFound, StoreLost, WrongToken
from memory.ports import Leases
from memory.types import SessionKey
from tests.conformance.places import AFile, ARedis
from tests.conformance.sessions.places import BUDGET_S, TTL_S, Place, as_it_is

pytestmark = pytest.mark.anyio

KEY = SessionKey("clinic", "c1")
TOKEN = "the caller's"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def place(where: AFile | ARedis) -> Place:
    return Place(where, as_it_is)


@pytest.fixture
async def leases(place: Place) -> AsyncIterator[Leases]:
    opened = await place.leases()
    yield opened
    await opened.aclose()


async def test_a_new_call_belongs_to_who_began_it(leases: Leases) -> None:
    lease = await leases.begin(KEY, "one", TOKEN)
    held = await leases.holder(KEY)
    assert held is not None and (held.owner, held.fence) == ("one", lease.fence)
    assert 0 < held.left_s <= TTL_S
    assert TOKEN not in repr(held)


async def test_a_call_is_begun_once(leases: Leases) -> None:
    await leases.begin(KEY, "one", TOKEN)
    with pytest.raises(LeaseHeld, match="held by one"):
        await leases.begin(KEY, "two", "another")


async def test_of_two_that_begin_a_call_exactly_one_has_it(place: Place, leases: Leases) -> None:
    other, won = await place.leases(), list[str]()

    async def begin(through: Leases, who: str) -> None:
        try:
            await through.begin(KEY, who, TOKEN)
            won.append(who)
        except LeaseHeld:
            pass

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(begin, leases, "one")
        tasks.start_soon(begin, other, "two")
    held = await leases.holder(KEY)
    assert held is not None and won == [held.owner]
    await other.aclose()


async def test_the_resume_token_takes_a_call_at_once_with_a_higher_fence(leases: Leases) -> None:
    old = await leases.begin(KEY, "one", TOKEN)
    new = await leases.take(KEY, "two", TOKEN)
    assert new.fence > old.fence
    with pytest.raises(Fenced):
        await leases.renew(old)
    await leases.renew(new)
    held = await leases.holder(KEY)
    assert held is not None and held.owner == "two"


async def test_each_take_has_a_higher_fence_than_all_before(leases: Leases) -> None:
    fences = [(await leases.begin(KEY, "one", TOKEN)).fence]
    fences += [(await leases.take(KEY, f"owner {n}", TOKEN)).fence for n in range(5)]
    assert fences == sorted(set(fences))


async def test_without_the_token_a_call_is_taken_once_its_lease_has_expired(leases: Leases) -> None:
    old = await leases.begin(KEY, "one", TOKEN)
    with pytest.raises(LeaseHeld):
        await leases.take(KEY, "two")
    await anyio.sleep(TTL_S * 1.2)
    assert await leases.holder(KEY) is None
    new = await leases.take(KEY, "two")
    assert new.fence > old.fence
    with pytest.raises(Fenced):
        await leases.renew(old)


async def test_renewing_keeps_a_call(leases: Leases) -> None:
    lease = await leases.begin(KEY, "one", TOKEN)
    for _ in range(4):
        await anyio.sleep(TTL_S / 2)
        await leases.renew(lease)
    with pytest.raises(LeaseHeld):
        await leases.take(KEY, "two")


async def test_an_expired_lease_that_nobody_took_can_be_renewed(leases: Leases) -> None:
    lease = await leases.begin(KEY, "one", TOKEN)
    await anyio.sleep(TTL_S * 1.2)
    await leases.renew(lease)
    held = await leases.holder(KEY)
    assert held is not None and held.fence == lease.fence


@pytest.mark.parametrize("shown", ["", "another", TOKEN.upper(), TOKEN + " "])
async def test_a_wrong_token_takes_nothing_not_even_an_expired_lease(leases: Leases, shown: str) -> None:
    await leases.begin(KEY, "one", TOKEN)
    for wait_s in (0.0, TTL_S * 1.2):
        await anyio.sleep(wait_s)
        with pytest.raises(WrongToken):
            await leases.take(KEY, "two", shown)


async def test_a_call_that_there_never_was_cannot_be_taken(leases: Leases) -> None:
    for token in (None, TOKEN):
        with pytest.raises(NotFound):
            await leases.take(KEY, "two", token)


async def test_a_lease_that_is_given_back_can_be_taken_at_once_and_the_token_still_opens_it(
    leases: Leases,
) -> None:
    lease = await leases.begin(KEY, "one", TOKEN)
    await leases.release(lease, over=False)
    assert await leases.holder(KEY) is None
    with pytest.raises(Fenced):
        await leases.renew(lease)
    assert (await leases.take(KEY, "two", TOKEN)).fence > lease.fence


async def test_the_token_of_a_call_that_is_over_opens_nothing(leases: Leases) -> None:
    lease = await leases.begin(KEY, "one", TOKEN)
    await leases.release(lease, over=True)
    for shown in (TOKEN, ""):
        with pytest.raises(WrongToken):
            await leases.take(KEY, "two", shown)


async def test_who_has_lost_a_call_cannot_give_it_away(leases: Leases) -> None:
    old = await leases.begin(KEY, "one", TOKEN)
    new = await leases.take(KEY, "two", TOKEN)
    await leases.release(old, over=True)
    held = await leases.holder(KEY)
    assert held is not None and held.fence == new.fence
    assert (await leases.take(KEY, "three", TOKEN)).fence > new.fence


async def test_tenants_do_not_meet(leases: Leases) -> None:
    await leases.begin(KEY, "one", TOKEN)
    elsewhere = SessionKey("bank", "c1")
    assert await leases.holder(elsewhere) is None
    with pytest.raises(NotFound):
        await leases.take(elsewhere, "two", TOKEN)
    await leases.begin(elsewhere, "two", "another")
    assert await leases.abandoned("shop", 0.0) == []


async def test_names_of_any_kind_are_no_trouble(leases: Leases) -> None:
    for tenant, call in (("a:b", "c"), ("a", "b:c"), ("{a}", "b}"), ("ä", "ö|ü"), ("a b", "")):
        await leases.begin(SessionKey(tenant, call), "one", TOKEN)
    held = await leases.holder(SessionKey("a", "b:c"))
    assert held is not None and held.key.call == "b:c"


async def test_calls_that_nobody_holds_are_found_longest_first(leases: Leases) -> None:
    first, second, third, over = (SessionKey("clinic", name) for name in ("first", "second", "third", "over"))
    await leases.release(await leases.begin(over, "one", TOKEN), over=True)
    await leases.begin(first, "one", TOKEN)
    await anyio.sleep(TTL_S / 4)
    await leases.begin(second, "one", TOKEN)
    renewed = await leases.begin(third, "one", TOKEN)
    assert await leases.abandoned("clinic", 0.0) == []
    await anyio.sleep(TTL_S * 1.1)
    await leases.renew(renewed)
    assert await leases.abandoned("clinic", 0.0) == [first, second]
    assert await leases.abandoned("clinic", 0.0, limit=1) == [first]
    assert await leases.abandoned("clinic", 60.0) == []
    await leases.take(first, "two")
    assert await leases.abandoned("clinic", 0.0) == [second]


@pytest.mark.parametrize("limit", [0, 1001])
async def test_refuses_to_look_for_a_senseless_number(leases: Leases, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await leases.abandoned("clinic", 0.0, limit)


async def test_a_place_that_does_not_answer_is_lost_within_the_budget(place: Place, leases: Leases) -> None:
    lease = await leases.begin(KEY, "one", TOKEN)
    with place.silent(), anyio.fail_after(2 * BUDGET_S), pytest.raises(StoreLost):
        await leases.renew(lease)
    await leases.renew(lease)
