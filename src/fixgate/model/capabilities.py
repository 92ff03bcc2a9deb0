"""What each exchange of the Execution API supports: the one table that `/capabilities`, `/validate`, the
check before every order and the connectors read.

Source: the Execution API's "Exchange Capabilities Matrix" (orders, features, notes) and the Perps DMA API's
"Supported Exchanges" (leverage and what goes with it). A cell that the documents leave open, such as which
times in force a venue takes, is what the venue takes; docs/execution-api.md names these. Deny by default:
what is not in the table is refused, in the documents' words.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from fixgate.model.enums import OrderType, TimeInForce
from fixgate.model.execution import MarketType

_O, _T = OrderType, TimeInForce

PLAIN = frozenset({_O.MARKET, _O.LIMIT})
STOPS = frozenset({_O.STOP_LOSS, _O.STOP_LOSS_LIMIT, _O.TAKE_PROFIT, _O.TAKE_PROFIT_LIMIT})
EVERYWHERE = PLAIN | STOPS

RESTING = frozenset({_O.LIMIT, _O.STOP_LOSS_LIMIT, _O.TAKE_PROFIT_LIMIT})
"""Order types with a price of their own: a time in force other than GTC needs one."""


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """What an exchange supports on one side of it, spot or perp. `features` are the API's words for them."""

    order_types: frozenset[OrderType]
    time_in_force: frozenset[TimeInForce]
    features: frozenset[str]


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the documents' tables. `spot` is `None` where the exchange trades perps only. `perp_access`
    is what the Perps DMA API offers there; `notes` say what is limited to one side, `remark` is the
    feature table's note."""

    title: str
    spot: Support | None
    perp: Support
    perp_access: frozenset[str] = frozenset()
    notes: Mapping[str, str] = MappingProxyType({})
    remark: str = ""

    def side(self, market_type: MarketType) -> Support | None:
        """Return what goes for a market type: swaps and dated futures are both Perp."""
        return self.perp if market_type.is_perp else self.spot


_TIF = frozenset({_T.GTC, _T.IOC, _T.FOK})
_TIF_POST = _TIF | {_T.POST_ONLY}
_ACCESS = frozenset({"leverage", "margin_mode", "positions", "funding"})

EXCHANGES: Mapping[str, Exchange] = MappingProxyType(
    {
        "binance": Exchange(
            title="Binance",
            remark="Demo trading uses demo-api.binance.com",
            spot=Support(
                order_types=EVERYWHERE | {_O.OCO}, time_in_force=_TIF, features=frozenset({"post_only"})
            ),
            perp=Support(
                order_types=EVERYWHERE | {_O.TRAILING_STOP},
                time_in_force=_TIF_POST,
                features=frozenset({"hedge_mode", "portfolio_margin", "post_only", "reduce_only"}),
            ),
            perp_access=_ACCESS | {"portfolio_margin"},
            notes=MappingProxyType(
                {
                    "trailing_stop": "Only available on futures (TRAILING_STOP_MARKET)",
                    "oco": "Only available on spot",
                }
            ),
        ),
        "bybit": Exchange(
            title="Bybit",
            remark="Uses category param (spot/linear/inverse)",
            spot=Support(order_types=EVERYWHERE, time_in_force=_TIF_POST, features=frozenset({"post_only"})),
            perp=Support(
                order_types=EVERYWHERE | {_O.TRAILING_STOP},
                time_in_force=_TIF_POST,
                features=frozenset({"hedge_mode", "post_only", "reduce_only"}),
            ),
            perp_access=_ACCESS,
            notes=MappingProxyType(
                {
                    "trailing_stop": "Only available on perps, on a position that is open",
                }
            ),
        ),
        "gateio": Exchange(
            title="Gate.io",
            spot=Support(order_types=EVERYWHERE, time_in_force=_TIF, features=frozenset()),
            perp=Support(
                order_types=EVERYWHERE,
                time_in_force=_TIF_POST,
                features=frozenset({"post_only", "reduce_only"}),
            ),
            perp_access=_ACCESS,
            remark="Spot stop orders use price-triggered endpoint",
        ),
        "kraken": Exchange(
            title="Kraken",
            spot=Support(order_types=EVERYWHERE, time_in_force=_TIF_POST, features=frozenset({"post_only"})),
            perp=Support(
                order_types=EVERYWHERE,
                time_in_force=_TIF_POST,
                features=frozenset({"post_only", "reduce_only"}),
            ),
            remark="Uses oflags='post' for post-only",
        ),
        "hyperliquid": Exchange(
            title="Hyperliquid",
            spot=None,
            perp=Support(
                order_types=EVERYWHERE,
                time_in_force=frozenset({_T.GTC, _T.IOC, _T.POST_ONLY}),
                features=frozenset({"post_only", "reduce_only"}),
            ),
            perp_access=frozenset({"leverage", "positions", "funding"}),
            remark="Perp only, requires slippage for market orders",
        ),
        "okx": Exchange(
            title="OKX",
            spot=Support(
                order_types=EVERYWHERE | {_O.OCO}, time_in_force=_TIF_POST, features=frozenset({"post_only"})
            ),
            perp=Support(
                order_types=EVERYWHERE | {_O.TRAILING_STOP},
                time_in_force=_TIF_POST,
                features=frozenset({"hedge_mode", "post_only", "reduce_only"}),
            ),
            perp_access=_ACCESS,
            notes=MappingProxyType(
                {"trailing_stop": "Only available on perps", "oco": "Only available on spot"}
            ),
        ),
    }
)


def title(exchange: str) -> str:
    """Return an exchange's name for people; one that stands in no table keeps its own."""
    row = EXCHANGES.get(exchange)
    return row.title if row is not None else exchange


def offers(exchange: str, access: str) -> bool:
    """True where the Perps DMA API offers `access` on an exchange: leverage, margin_mode, positions, funding
    or portfolio_margin. Realized profits go with positions."""
    row = EXCHANGES.get(exchange)
    return row is not None and access in row.perp_access


def check(
    exchange: str,
    market_type: MarketType,
    order_type: OrderType,
    time_in_force: TimeInForce = TimeInForce.GTC,
    *,
    reduce_only: bool = False,
    post_only: bool = False,
    hedge: bool = False,
) -> str:
    """Return why an order is not supported, in the documents' words; empty if it is.

    Post-only is TimeInForce POST_ONLY, or `post_only`: the two are one, and need the feature `post_only`.
    """
    row = EXCHANGES.get(exchange)
    if row is None:
        return f"{exchange!r} is not an exchange of this API; it can be: {', '.join(EXCHANGES)}"
    side, where = row.side(market_type), "perp" if market_type.is_perp else "spot"
    if side is None:
        return f"{row.title} does not support {where} trading"
    if order_type not in side.order_types:
        other = row.spot if market_type.is_perp else row.perp
        only = f" on {where}" if other is not None and order_type in other.order_types else ""
        return f"{row.title} does not support {order_type} orders{only}"
    posts = post_only or time_in_force is _T.POST_ONLY
    for asked, feature in ((reduce_only, "reduce_only"), (posts, "post_only"), (hedge, "hedge_mode")):
        if asked and feature not in side.features:
            return f"{row.title} does not support {feature} on {where}"
    if not posts and time_in_force not in side.time_in_force:
        return f"{row.title} does not support time_in_force {time_in_force} on {where}"
    return _check_combination(order_type, time_in_force, posts=posts)


def _check_combination(order_type: OrderType, time_in_force: TimeInForce, *, posts: bool) -> str:
    """Refuse what makes no sense on any exchange."""
    if posts and order_type is not _O.LIMIT:
        return f"post_only needs a limit order; order_type was {order_type}"
    if posts and time_in_force in (_T.IOC, _T.FOK):
        return f"post_only cannot be combined with time_in_force {time_in_force}"
    if time_in_force in (_T.IOC, _T.FOK) and order_type is not _O.LIMIT:
        return f"time_in_force {time_in_force} needs a limit order; order_type was {order_type}"
    return ""
