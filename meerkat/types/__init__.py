"""The values that calls take and return."""
