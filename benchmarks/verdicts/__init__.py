"""Whether a benchmark got slower or more expensive: the statistics, the verdicts, and the gate that fails a run."""
