"""The deterministic simulation: gateway, venue and OMSs in one process and in virtual time, from one seed."""
