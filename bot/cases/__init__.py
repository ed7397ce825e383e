"""The case store and its only writer, split by what happens to a case."""
