"""Hostile and mangled submissions, as data: each says what it tries and what it honestly deserves."""
