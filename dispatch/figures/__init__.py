"""Figures: what is counted over incidents, how, and between which bounds it is sure. Plain functions over the ledger."""
