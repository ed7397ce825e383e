"""The edges: verify, parse, render. No meaning lives here."""
