"""Fuzz targets: functions of bytes that assert what must hold of any input.

The suite drives each for a moment with hypothesis (`tests/test_fuzz.py`); `python -m tests.fuzz TARGET --seconds 600`
drives one for as long as one likes, guided by coverage where atheris is installed (the extra `fuzz`).
"""
