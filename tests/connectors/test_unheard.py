"""Which word of the stream counts as news of which request, and when silence is noticed."""

import asyncio
from decimal import Decimal

import pytest

from fixgate.connectors.unheard import Unheard
from fixgate.model.enums import ProductType, Side
from fixgate.model.venue import CancelAtVenue, ModifyAtVenue, OrderUpdate, VenueExec, VenueStatus

COMMON = {
    "connector": "PM",
    "account": "main",
    "order_id": 7,
    "client_order_id": "fg7",
    "product_type": ProductType.FUTURE,
    "symbol": "BTCUSDT",
}
CANCEL = CancelAtVenue(request_id=8, **COMMON)
MODIFY = ModifyAtVenue(request_id=9, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), **COMMON)

NEW = (VenueExec.NEW, VenueStatus.NEW)
TRADE = (VenueExec.TRADE, VenueStatus.PARTIALLY_FILLED)
FILL = (VenueExec.TRADE, VenueStatus.FILLED)
CANCELED = (VenueExec.CANCELED, VenueStatus.CANCELED)
EXPIRED = (VenueExec.EXPIRED, VenueStatus.EXPIRED)
REPLACED = (VenueExec.REPLACED, VenueStatus.NEW)


def word(news, client_order_id="fg7"):
    exec_type, status = news
    fields = {k: v for k, v in COMMON.items() if k != "order_id"}
    return OrderUpdate(
        **(fields | {"client_order_id": client_order_id}), venue_order_id="1", exec=exec_type, status=status
    )


class Watch:
    def __init__(self):
        self.silent: list[str] = []
        self.unheard = Unheard(0.05, self.silent.append)

    async def is_silent(self):
        """Wait well past the deadline; True when silence was noticed."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_later(0.12, done.set_result, None)
        await done
        return bool(self.silent)


@pytest.mark.parametrize("early", [True, False], ids=["before the answer", "after it"])
@pytest.mark.parametrize(
    ("request_", "news", "enough"),
    [
        (CANCEL, CANCELED, True),
        (CANCEL, EXPIRED, True),
        (CANCEL, FILL, True),
        (CANCEL, TRADE, False),
        (CANCEL, REPLACED, False),
        (CANCEL, NEW, False),
        (MODIFY, REPLACED, True),
        (MODIFY, CANCELED, True),
        (MODIFY, FILL, True),
        (MODIFY, TRADE, False),
    ],
)
async def test_a_request_is_told_of_by_its_own_effect_alone(request_, news, enough, early):
    watch = Watch()
    awaited = watch.unheard.leaving(request_)
    if early:
        watch.unheard.heard(word(news))
    watch.unheard.accepted(awaited)
    if not early:
        watch.unheard.heard(word(news))
    assert await watch.is_silent() is not enough


async def test_another_orders_word_is_no_news_and_the_text_names_the_order():
    watch = Watch()
    watch.unheard.accepted(watch.unheard.leaving(CANCEL))
    watch.unheard.heard(word(CANCELED, "fg8"))
    assert await watch.is_silent()
    assert "cancel request of order fg7" in watch.silent[0] and "0.05 s" in watch.silent[0]


async def test_a_refused_request_and_a_stream_that_begins_anew_owe_nothing():
    watch = Watch()
    watch.unheard.not_accepted(watch.unheard.leaving(CANCEL))
    cleared = watch.unheard.leaving(CANCEL)
    accepted = watch.unheard.leaving(MODIFY)
    watch.unheard.accepted(accepted)
    watch.unheard.clear()
    watch.unheard.accepted(cleared)
    assert not await watch.is_silent()


async def test_each_of_many_requests_is_waited_for():
    watch = Watch()
    for _ in range(3):
        watch.unheard.accepted(watch.unheard.leaving(CANCEL))
    watch.unheard.heard(word(CANCELED))
    watch.unheard.accepted(watch.unheard.leaving(MODIFY))
    assert await watch.is_silent()
    assert "modify" in watch.silent[0] and len(watch.silent) == 1
