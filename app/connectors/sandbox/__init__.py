"""The vendor sandbox: a small vendor of our own behind real HTTP (`server`, `vendor/`) and the connector to it.

The two halves share no code: what `client`, `mapping` and `connector` know, they learnt from the wire.
"""
