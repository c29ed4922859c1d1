"""Conformance: recorded traffic of the existing backend, played against our hub."""
