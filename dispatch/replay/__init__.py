"""Replay: a past or a made-up time once more through the same rules, on a clock of its own, as it was and as it would be."""
