"""Verdicts on answers: intervals of shares of right answers, and whether a difference may be chance."""
