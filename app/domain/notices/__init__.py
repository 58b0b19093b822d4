"""Mails to people: which event tells whom, what was said, whether it was delivered.

How a mail looks and how it leaves the house are ports (`ports.py`); a dead mail server delays mails and nothing else.
"""
