"""Benchmarks: Awning beside floors and limits, in one run, as ratios. Nothing here is a test."""
