"""What is wrong with the ground, counted: shapes, codes, households, people, streets. Nothing here repairs."""

from geo.quality.report import Gap, GroundReport, Outside, Overlap, check_ground

__all__ = ["Gap", "GroundReport", "Outside", "Overlap", "check_ground"]
