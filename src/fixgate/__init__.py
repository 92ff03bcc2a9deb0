"""fixgate: a FIX trade-connector gateway to Binance Portfolio Margin."""

__version__ = "0.1.0"
