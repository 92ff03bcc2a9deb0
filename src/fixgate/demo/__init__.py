"""A customer that trades through a FIX gateway and shows what it is told; shares no code with it."""

from fixgate.demo.customer import run_demo

__all__ = ["run_demo"]
