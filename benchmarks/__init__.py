"""What an order costs: the gateway beside its floor and beside ccxt, in one run on one machine."""
