"""What happened to an account's money: income, loans and repayments, and how often it was moved."""

from decimal import Decimal

import msgspec

from fixgate.simulator.orders import ZERO, Leg

MAX_RECORDS_KEPT = 20_000


class Income(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a futures wallet. Source: PAPI GET /papi/v1/um/income."""

    leg: Leg
    kind: str
    amount: Decimal
    asset: str
    time_ms: int
    transaction_id: int
    symbol: str = ""
    trade_id: int | None = None
    info: str = ""


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """A loan (`repaid` false) or a repayment of the margin leg. Source: PAPI GET margin/marginLoan."""

    transaction_id: int
    asset: str
    principal: Decimal
    time_ms: int
    interest: Decimal = ZERO
    repaid: bool = False


class AccountRecords(msgspec.Struct, kw_only=True):
    """The histories of one account, oldest first. `calls` holds the times of limited calls by name."""

    income: list[Income] = []
    loans: list[Loan] = []
    calls: dict[str, list[int]] = {}

    def add_income(self, income: Income) -> None:
        """Keep one change of a futures wallet; the oldest are forgotten."""
        self.income.append(income)
        if len(self.income) > MAX_RECORDS_KEPT:
            del self.income[: MAX_RECORDS_KEPT // 10]

    def add_loan(self, loan: Loan) -> None:
        """Keep one loan or repayment; the oldest are forgotten."""
        self.loans.append(loan)
        if len(self.loans) > MAX_RECORDS_KEPT:
            del self.loans[: MAX_RECORDS_KEPT // 10]
