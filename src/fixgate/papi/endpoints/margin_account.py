"""Loans and limits of the margin account. Source: PAPI endpoint pages, "Account"."""

from fixgate.papi.endpoints.endpoint import Effect, Endpoint, Parameter, Security
from fixgate.papi.endpoints.parameters import (
    ARCHIVED,
    ASSET,
    CURRENT,
    END_TIME,
    PAGE_SIZE,
    START_TIME,
    TX_ID,
)
from fixgate.papi.legs import DAY_MS, Leg

_PAGE = (START_TIME, END_TIME, CURRENT, PAGE_SIZE, ARCHIVED)
_TX_OR_TIME = ("txId", "startTime")


def _read(
    path: str,
    name: str,
    answer: str,
    weight: int,
    params: tuple[Parameter, ...],
    about: str,
    notes: str = "",
    any_of: tuple[str, ...] = (),
    window_ms: int | None = None,
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=f"/papi/v1/margin/{path}",
        name=name,
        answer=answer,
        security=Security.USER_DATA,
        effect=Effect.READ,
        weight=weight,
        leg=Leg.MARGIN,
        params=params,
        about=about,
        notes=notes,
        any_of=any_of,
        window_ms=window_ms,
    )


ROWS = (
    _read(
        "marginInterestHistory",
        "get_margin_interest_history",
        "MarginInterestPage",
        1,
        (ASSET, *_PAGE),
        "Interest charged for loans, newest first",
        "At most 30 days a call, the last 7 when no time is given.",
        window_ms=30 * DAY_MS,
    ),
    _read(
        "maxBorrowable",
        "get_margin_max_borrowable",
        "MaxBorrowable",
        5,
        (ASSET.must(),),
        "How much of an asset can be borrowed",
    ),
    _read(
        "marginLoan",
        "get_margin_loan_records",
        "LoanPage",
        10,
        (ASSET.must(), TX_ID, *_PAGE),
        "Loans taken, newest first",
        "txId or startTime is mandatory. At most 30 days a call.",
        any_of=_TX_OR_TIME,
        window_ms=30 * DAY_MS,
    ),
    _read(
        "maxWithdraw",
        "get_margin_max_withdraw",
        "MaxWithdraw",
        5,
        (ASSET.must(),),
        "How much of an asset can be transferred out",
    ),
    _read(
        "repayLoan",
        "get_margin_repay_records",
        "RepaymentPage",
        10,
        (ASSET.must(), TX_ID, *_PAGE),
        "Repayments of loans",
        "txId or startTime is mandatory. At most 30 days a call.",
        any_of=_TX_OR_TIME,
        window_ms=30 * DAY_MS,
    ),
)
