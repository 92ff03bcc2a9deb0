"""A simulated exchange speaking the Binance Portfolio Margin dialect.

The embedded default venue, the tests' exchange and a certification venue: `SimulatedExchange` is
the pure matching side, `SimulatorServer` puts it behind real HTTP and WebSocket.
"""

from fixgate.simulator.conditional_orders import Conditional
from fixgate.simulator.faults import EventFault, Faults, RequestFault
from fixgate.simulator.market import SyntheticMarket
from fixgate.simulator.matching import Placement, SimulatedExchange
from fixgate.simulator.order_lists import OrderList
from fixgate.simulator.orders import Leg, ModifyRequest, Order, OrderRequest, Trade
from fixgate.simulator.papi_server import RecordedRequest
from fixgate.simulator.refusal import VenueRefusal
from fixgate.simulator.server import SimulatorServer, run_simulator
from fixgate.simulator.settings import SimulatedAccount, SimulatorSettings
from fixgate.simulator.state_file import StateFileError

__all__ = [
    "Conditional",
    "EventFault",
    "Faults",
    "Leg",
    "ModifyRequest",
    "Order",
    "OrderList",
    "OrderRequest",
    "Placement",
    "RecordedRequest",
    "RequestFault",
    "SimulatedAccount",
    "SimulatedExchange",
    "SimulatorServer",
    "SimulatorSettings",
    "StateFileError",
    "SyntheticMarket",
    "Trade",
    "VenueRefusal",
    "run_simulator",
]
