"""Writes pytest and Hypothesis tests from specifications: what is stated is tested, on inputs made for it.

Strategies are bounded by Requires rather than filtered by it: what a bound can say is drawn right, and only
the rest is assumed. Nothing of the user's runs here, and what is written needs no lift to run. Must not
import a solver.
"""
