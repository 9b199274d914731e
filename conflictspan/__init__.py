"""Reads conflict reports: who did what to whom, where, when, with what, and who says so."""
