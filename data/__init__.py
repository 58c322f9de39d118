"""What is kept: tables, records and statements on PostGIS. The only room that speaks SQL."""
