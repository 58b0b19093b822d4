"""Awning."""
