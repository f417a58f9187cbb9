"""Schedules: when they fire, what comes of it, and the driver that makes it happen (spec 05, section 1)."""
