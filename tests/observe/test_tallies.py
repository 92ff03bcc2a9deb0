"""Counters and histograms as Prometheus sees them."""

import threading

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from fixgate.observe.tallies import Durations, Tally


def scraped(collector):
    """Return every sample by name and labels, read back from the text that a scrape gives."""
    registry = CollectorRegistry()
    registry.register(collector)
    text = generate_latest(registry).decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_tally_counts_by_labels():
    tally = Tally("orders", "Orders", ["side"])
    for side in ("buy", "sell", "buy"):
        tally.add(side)
    assert scraped(tally) == {("orders_total", ("side", "buy")): 2, ("orders_total", ("side", "sell")): 1}


def test_a_tally_without_labels_is_there_before_it_counts():
    assert scraped(Tally("alarms", "Alarms")) == {("alarms_total",): 0}


def test_a_tally_loses_nothing_between_threads():
    tally = Tally("messages", "Messages")
    threads = [threading.Thread(target=lambda: [tally.add() for _ in range(5000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scraped(tally) == {("messages_total",): 20000}


def test_durations_fall_into_cumulative_buckets():
    durations = Durations("stage_seconds", "Stages", ["stage"], (0.001, 0.01))
    observe = durations.timer("send")
    for seconds in (0.0005, 0.001, 0.005, 2.0):
        observe(seconds)
    durations.add(0.002, "send")
    samples = scraped(durations)
    buckets = {key[1][1]: value for key, value in samples.items() if key[0] == "stage_seconds_bucket"}
    assert buckets == {"0.001": 2, "0.01": 4, "+Inf": 5}
    assert samples["stage_seconds_count", ("stage", "send")] == 5
    assert samples["stage_seconds_sum", ("stage", "send")] == pytest.approx(2.0085)
