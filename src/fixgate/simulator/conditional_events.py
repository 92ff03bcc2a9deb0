"""The events of conditional futures orders: ALGO_UPDATE on UM, CONDITIONAL_ORDER_TRADE_UPDATE on CM."""

from fixgate.model.decimals import plain
from fixgate.simulator.conditional_orders import Conditional
from fixgate.simulator.events import Event
from fixgate.simulator.instruments import SimulatedInstrument
from fixgate.simulator.orders import Leg


def conditional_event(conditional: Conditional, instrument: SimulatedInstrument, now: int) -> Event | None:
    """Return the event of a conditional order's present state.

    None for a CM order that is being triggered: its service has no word for that.
    """
    if conditional.leg is Leg.UM:
        return _algo_update(conditional, instrument, now)
    return None if conditional.status == "TRIGGERING" else _strategy_update(conditional, instrument, now)


def _algo_update(conditional: Conditional, instrument: SimulatedInstrument, now: int) -> Event:
    body: Event = {
        "caid": conditional.client_id,
        "aid": conditional.conditional_id,
        "at": "CONDITIONAL",
        "o": conditional.type,
        "s": conditional.symbol,
        "S": conditional.side,
        "ps": conditional.position_side,
        "f": conditional.time_in_force,
        "q": instrument.scaled_quantity(conditional.quantity),
        "X": conditional.status,
        "ai": str(conditional.order_id or ""),
        "ap": f"{conditional.average_price:.5f}",
        "aq": f"{conditional.executed:.5f}",
        "act": conditional.order_type if conditional.order_id else "0",
        "tp": instrument.scaled_price(conditional.trigger_price),
        "p": instrument.scaled_price(conditional.price),
        "V": conditional.stp_mode,
        "wt": conditional.working_type,
        "pm": conditional.price_match,
        "cp": conditional.close_position,
        "pP": conditional.price_protect,
        "R": conditional.reduce_only,
        "tt": conditional.triggered_ms,
        "gtd": conditional.good_till,
        "rm": conditional.refusal,
        "ia": conditional.activated,
    }
    return {"e": "ALGO_UPDATE", "T": now, "E": now, "fs": "UM", "ao": body}


def _strategy_update(conditional: Conditional, instrument: SimulatedInstrument, now: int) -> Event:
    body: Event = {
        "s": conditional.symbol,
        "c": conditional.client_id,
        "si": conditional.conditional_id,
        "S": conditional.side,
        "st": conditional.type,
        "f": conditional.time_in_force,
        "q": instrument.scaled_quantity(conditional.quantity),
        "p": instrument.scaled_price(conditional.price),
        "sp": instrument.scaled_price(conditional.trigger_price),
        "os": conditional.status,
        "T": conditional.created_ms,
        "ut": conditional.updated_ms,
        "R": conditional.reduce_only,
        "wt": conditional.working_type,
        "ps": conditional.position_side,
        "cp": False,
        "AP": instrument.scaled_price(conditional.activation_price),
        "cr": plain(conditional.callback_rate) if conditional.callback_rate else "0",
        "i": conditional.order_id,
        "V": "NONE",
        "gtd": 0,
    }
    return {"e": "CONDITIONAL_ORDER_TRADE_UPDATE", "T": now, "E": now, "fs": "CM", "so": body}
