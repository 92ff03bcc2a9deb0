"""Calls about the account as a whole. Source: PAPI endpoint pages, "Account", and PAPI general info."""

from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Parameter, Security
from fixgate.papi.endpoints.parameters import (
    ASSET,
    END_TIME,
    START_TIME,
    integer,
    number,
    switch,
    word,
)
from fixgate.papi.legs import DAY_MS

_PREFIX = "/papi/v1/"
_FUNDS_FIND_OUT = "look at the balances with account.get_balance"
_SWITCH_FIND_OUT = "ask account.get_auto_repay_futures_status"


def _read(
    path: str,
    name: str,
    answer: str,
    weight: int,
    params: tuple[Parameter, ...],
    about: str,
    notes: str = "",
    window_ms: int | None = None,
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=_PREFIX + path,
        name=name,
        answer=answer,
        security=Security.USER_DATA,
        effect=Effect.READ,
        weight=weight,
        params=params,
        about=about,
        notes=notes,
        window_ms=window_ms,
    )


def _change(
    path: str,
    name: str,
    answer: str,
    weight: int,
    params: tuple[Parameter, ...],
    about: str,
    notes: str = "",
    together: tuple[str, ...] = (),
    find_out: str = _FUNDS_FIND_OUT,
    security: Security = Security.TRADE,
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=_PREFIX + path,
        name=name,
        answer=answer,
        security=security,
        effect=Effect.CHANGE,
        weight=weight,
        params=params,
        about=about,
        notes=notes,
        together=together,
        find_out=find_out,
    )


ROWS = (
    Endpoint(
        method="GET",
        path="/papi/v1/ping",
        name="test_connectivity",
        answer="Nothing",
        security=Security.NONE,
        effect=Effect.READ,
        weight=1,
        about="Find out whether the venue answers",
    ),
    _read(
        "account",
        "get_account_info",
        "AccountInfo",
        20,
        (),
        "Margin ratio, equity and status of the whole account",
        "Amounts are in USD.",
    ),
    _read(
        "balance",
        "get_balance",
        "list[Balance]",
        20,
        (ASSET,),
        "Balances of one asset or of all",
        "With asset the venue answers a single object, which comes as a list of one.",
    ),
    _change(
        "bnb-transfer",
        "transfer_bnb",
        "Transfer",
        750,
        (
            number("amount", "BNB", "0").must(),
            word("transferSide", "TO_UM or FROM_UM", "TransferSide").must(),
        ),
        "Move BNB between the margin wallet and the UM wallet, where it pays fees",
        "At most 10 calls in 10 minutes.",
    ),
    _change(
        "repay-futures-switch",
        "update_auto_repay_futures_status",
        "Message",
        750,
        (switch("autoRepay", "True to repay negative futures balances automatically").must(),),
        "Switch the automatic repayment of negative futures balances on or off",
        "At most 20 changes a day.",
        find_out=_SWITCH_FIND_OUT,
    ),
    _read(
        "repay-futures-switch",
        "get_auto_repay_futures_status",
        "AutoRepayFutures",
        30,
        (),
        "Whether negative futures balances are repaid automatically",
        "The venue's default is on.",
    ),
    _change(
        "auto-collection",
        "auto_collect_funds",
        "Message",
        750,
        (),
        "Move everything but BNB from the futures wallets to the margin wallet",
        "At most 500 calls an hour.",
    ),
    _change(
        "asset-collection",
        "transfer_asset_futures_margin",
        "Message",
        30,
        (
            ASSET.must(),
            number("amount", "in units of the asset; all of it when left out", "0"),
            word("futureType", "the wallet it comes from; OPTION for SPAN accounts only", "FutureType"),
        ),
        "Move one asset from the futures wallets to the margin wallet",
        "BNB cannot be moved this way. amount and futureType are given together or not at all.",
        together=("amount", "futureType"),
    ),
    _read(
        "portfolio/interest-history",
        "get_negative_balance_interest_history",
        "list[NegativeBalanceInterest]",
        50,
        (ASSET, START_TIME, END_TIME, integer("size", "rows wanted", "1")),
        "Interest charged for negative futures balances",
        "At most 30 days a call.",
        window_ms=30 * DAY_MS,
    ),
    _read(
        "portfolio/negative-balance-exchange-record",
        "get_negative_balance_exchange_record",
        "NegativeBalanceExchanges",
        100,
        (START_TIME.must(), END_TIME.must()),
        "Automatic exchanges that settled negative balances",
        "At most three months a call.",
        window_ms=92 * DAY_MS,
    ),
    _read(
        "rateLimit/order",
        "get_order_rate_limits",
        "list[OrderRateLimit]",
        1,
        (),
        "How many orders the account may send",
        "The limits only, not how much of them is used.",
    ),
    _change(
        "repay-futures-negative-balance",
        "repay_futures_negative_balance",
        "Message",
        750,
        (),
        "Repay negative futures balances now",
        security=Security.USER_DATA,
    ),
)
