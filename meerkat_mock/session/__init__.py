"""Sessions: what they hold, how their turns run one after another, and who is told what happens in them (spec 02 and 03)."""
