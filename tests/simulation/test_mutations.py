"""A few mutations in the suite, one per kind of invariant. `python -m tests.simulation.mutate` tries all."""

import pytest

from tests.simulation.many import run_seed
from tests.simulation.mutations import MUTATIONS

NAMED = {mutation.name: mutation for mutation in MUTATIONS}
WITHIN = 12


@pytest.mark.parametrize(
    ("name", "invariants"),
    [
        ("a trade is counted again when it is told again", {"legal reports", "quantities agree"}),
        ("a new order is sent twice", {"none doubled"}),
        ("nothing is reconciled", {"no order lost", "views agree"}),
        ("fees of trades that were fetched are lost", {"fees agree"}),
        ("an order may end without all its trades", {"quantities agree"}),
        ("a replayed report is not the one that was told", {"legal reports", "replay is identical"}),
        ("an input now and then cannot be worked through", {"no internal error"}),
        ("a FIX number is used twice", {"fix session"}),
    ],
)
def test_given_a_mutation_then_an_invariant_notices_it_within_a_few_seeds(
    name: str, invariants: set[str]
) -> None:
    noticed: set[str] = set()
    for seed in range(WITHIN):
        with NAMED[name].applied():
            noticed |= {invariant for invariant, _ in run_seed(seed).findings}
        if noticed & invariants:
            return
    pytest.fail(f"{name}: noticed by {noticed or 'nothing'} on {WITHIN} seeds")
