"""The voices that the house has."""
