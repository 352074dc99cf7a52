"""Fuzz targets, run by hand: a fuzzer is no part of the environment."""
