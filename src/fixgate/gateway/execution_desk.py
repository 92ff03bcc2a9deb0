"""The desk of the HTTP door: `fixgate.api.ports.ExecutionDesk` over the engine and the connectors."""

from collections.abc import Collection, Mapping

from fixgate.connectors.connector import Connector
from fixgate.engine.engine import Engine
from fixgate.gateway.api_inbox import ApiInbox
from fixgate.gateway.api_reports import ApiReports
from fixgate.gateway.rest_accounts import RestAccounts
from fixgate.gateway.rest_orders import RestOrders
from fixgate.gateway.rest_questions import RestQuestions


class RestDesk(RestOrders, RestQuestions):
    """Takes tickets to the engine and questions to connectors. Event loop only."""

    def __init__(
        self,
        engine: Engine,
        connectors: Mapping[str, Connector],
        inbox: ApiInbox,
        reports: ApiReports,
        sessions: Collection[str],
        wait: float,
    ) -> None:
        """`sessions` are the sources of FIX sessions, `wait` the seconds that a call waits for the venue."""
        accounts = RestAccounts(connectors)
        RestQuestions.__init__(self, accounts, engine)
        RestOrders.__init__(self, engine, accounts, inbox, reports, sessions, wait)

    def ambiguous_accounts(self) -> str:
        """Return what is wrong with the accounts' names, empty if they tell every account from the others."""
        return self._accounts.ambiguous()
